// Package knowledge answers the questions people ask most (常见问题): in our own words, each with the rule it rests on
// and the day somebody last read it over. Anybody may read them, without a login.
package knowledge
