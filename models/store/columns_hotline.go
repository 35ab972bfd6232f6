package store

// hotlineColumns classifies the tables of the hotline capability (see TableColumns).
var hotlineColumns = []TableColumns{}
