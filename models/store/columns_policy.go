package store

// policyColumns classifies the tables of the policy capability (see TableColumns).
var policyColumns = []TableColumns{}
