package store

// noticeColumns classifies the tables of the notice capability (see TableColumns).
var noticeColumns = []TableColumns{}
