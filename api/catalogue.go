package api

import (
	"errors"
	"slices"
	"strings"

	"onecard/models"
	"onecard/models/hotline"
)

// Operation is one line of the table a test prints and documents are made of.
type Operation struct {
	Method, Path, ID string
	Act              models.Act
	Audience         Audience
	May              hotline.Permission // agents' operations only
	Limit            Limit
	BodyLimit        int64
	Codes            []string
}

// Operations lists every operation in the order of paths.
func (v *Server) Operations() []Operation {
	var list []Operation
	for _, o := range v.s.ops {
		list = append(list, Operation{o.Method, o.Path, o.ID, o.Act, o.Audience, o.May, o.Limit, o.BodyLimit, o.codes()})
	}
	slices.SortFunc(list, func(a, b Operation) int { return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method) })
	return list
}

// CatalogueEntry is one refusal: docs/errors.md and docs/texts.md have one line for each.
type CatalogueEntry struct {
	Code       string
	Status     int
	Message    string
	Operations []string // ids that declare it; empty: any operation may answer it
}

// Catalogue lists every refusal that operations declare and those of the edge, by code. One code with several sentences
// has one entry for each.
func Catalogue() ([]CatalogueEntry, error) {
	v, err := New(Deps{})
	if err != nil {
		return nil, err
	}
	entries := map[[2]string]*CatalogueEntry{}
	put := func(err error, operation string) {
		p := problemOf(err)
		key := [2]string{p.Code, p.Detail}
		e := entries[key]
		if e == nil {
			e = &CatalogueEntry{Code: p.Code, Status: p.Status, Message: p.Detail}
			entries[key] = e
		}
		if operation != "" {
			e.Operations = append(e.Operations, operation)
		}
	}
	edge := edgeErrors()
	for _, err := range edge {
		put(err, "")
	}
	for _, o := range v.s.ops {
		for _, err := range o.Errs {
			if !slices.ContainsFunc(edge, func(e error) bool { return errors.Is(err, e) && problemOf(e).Detail == err.Message }) {
				put(err, o.ID)
			}
		}
	}
	var all []CatalogueEntry
	for _, e := range entries {
		slices.Sort(e.Operations)
		all = append(all, *e)
	}
	slices.SortFunc(all, func(a, b CatalogueEntry) int {
		return strings.Compare(a.Code+" "+a.Message, b.Code+" "+b.Message)
	})
	return all, nil
}
