package store

// citizenColumns classifies the tables of the citizen capability (see TableColumns).
var citizenColumns = []TableColumns{}
