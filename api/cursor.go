package api

import (
	"context"
	"crypto/hmac"
	"encoding/base64"

	"onecard/models"
)

// Page is what every list takes. Embed it in the input (huma reads exported embedded structs only).
type Page struct {
	Limit  int    `query:"limit" default:"20" minimum:"1" maximum:"100" doc:"How many items at most"`
	Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before"`
}

// list is what every list answers; next_cursor is empty on the last page.
type list[T any] struct {
	Items      []T    `json:"items" nullable:"false"`
	NextCursor string `json:"next_cursor"`
}

// List is list under a name that the document's reader sees: it passes over what is embedded under a small letter.
type List[T any] = list[T]

// listOf keeps items an array even when there are none.
func listOf[T any](items []T, next string) list[T] {
	if items == nil {
		items = []T{}
	}
	return list[T]{Items: items, NextCursor: next}
}

const cursorMAC = 16

// cursor writes a place in a list so that only the same person, on the same list with the same filter, can use it.
// The place itself is readable by who insists: put no personal data into it.
func (s *server) cursor(ctx context.Context, filter, place string) string {
	return s.cursorOf(ctx, person(requestFrom(ctx).actor), filter, place)
}

// cursorOf is cursor for a list of somebody else than whom the actor acts for: a list of the staff's own belongs to the
// member of staff, whoever is on the telephone when the next page is asked for.
func (s *server) cursorOf(ctx context.Context, owner models.ID, filter, place string) string {
	if place == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(s.cursorMAC(ctx, owner, filter, place), place...))
}

// place reads a cursor back; empty for the first page. CURSOR_INVALID for anything not written by cursor for the same
// person and filter.
func (s *server) place(ctx context.Context, filter, cursor string) (string, error) {
	return s.placeOf(ctx, person(requestFrom(ctx).actor), filter, cursor)
}

// placeOf reads back what cursorOf wrote.
func (s *server) placeOf(ctx context.Context, owner models.ID, filter, cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(b) <= cursorMAC {
		return "", errCursor
	}
	place := string(b[cursorMAC:])
	if !hmac.Equal(b[:cursorMAC], s.cursorMAC(ctx, owner, filter, place)) {
		return "", errCursor
	}
	return place, nil
}

func (s *server) cursorMAC(ctx context.Context, owner models.ID, filter, place string) []byte {
	r := requestFrom(ctx)
	operation := ""
	if r.op != nil {
		operation = r.op.ID
	}
	return s.macs.sum("cursor", operation, string(r.actor.Kind), string(owner), filter, place)[:cursorMAC]
}

// person is who a list belongs to: whom the actor acts for, else the actor.
func person(a models.Actor) models.ID {
	if a.Subject != "" {
		return a.ID + "/" + a.Subject
	}
	if a.ID != "" {
		return a.ID
	}
	return a.SessionID
}
