package store

// subsidyColumns classifies the tables of the subsidy capability (see TableColumns).
var subsidyColumns = []TableColumns{}
