package store

import "strings"

// sealedTable is a table with sealed cells. key is its primary key in order; the name of a cell's row is made of the first
// inName parts of it.
type sealedTable struct {
	table  string
	key    []string
	inName int
	cells  []sealedCell
}

// sealedCell is a column and the name under which it was sealed.
type sealedCell struct{ column, name string }

func cellsNamed(columns ...string) []sealedCell {
	out := make([]sealedCell, len(columns))
	for i, c := range columns {
		out[i] = sealedCell{c, c}
	}
	return out
}

// sealedTables are all of them. A new sealed column is named here, or a change of keys would leave it behind:
// TestNoSealedColumnIsForgotten compares.
var sealedTables = []sealedTable{
	{"persons", []string{"id"}, 1, cellsNamed("name_sealed", "id_number_sealed", "phone_sealed", "contact_phone_sealed")},
	{"identity_checks", []string{"id"}, 1, cellsNamed("ref_sealed")},
	{"phone_changes", []string{"id"}, 1, cellsNamed("new_phone_sealed")},
	{"parked_events", []string{"id"}, 1, []sealedCell{{"body_sealed", "body"}}},
	{"notice_secrets", []string{"notice_id"}, 1, cellsNamed("code_sealed")},
	{"staff", []string{"id"}, 1, cellsNamed("name_sealed", "totp_secret_sealed", "totp_pending_sealed")},
	{"calls", []string{"id"}, 1, cellsNamed("caller_sealed", "note_sealed")},
	{"telephone_events", []string{"id"}, 1, cellsNamed("number_sealed", "digits_sealed")},
	{"exchange_calls", []string{"id"}, 1, cellsNamed("number_sealed")},
	{"call_backs", []string{"id"}, 1, cellsNamed("number_sealed")},
	{"enquiries", []string{"id"}, 1, cellsNamed("answer_sealed")},
	{"work_orders", []string{"id"}, 1, cellsNamed("text_sealed")},
	{"work_order_steps", []string{"id"}, 1, cellsNamed("note_sealed")},
	{"held_proposals", []string{"id"}, 1, cellsNamed("note_sealed")},
	{"payment_feedback", []string{"ledger_month", "batch_id", "line", "person_id"}, 3, cellsNamed("note_sealed")},
	{"misuse_reports", []string{"id"}, 1, cellsNamed("text_sealed", "contact_sealed", "answer_sealed")},
	{"campaigns", []string{"id"}, 1, cellsNamed("note_sealed")},
	{"applications", []string{"id"}, 1, cellsNamed("return_sealed")},
	{"application_drafts", []string{"id"}, 1, cellsNamed("form_sealed")},
}

// SealedColumn is one column of sealed cells and the name under which they are sealed.
type SealedColumn struct{ Table, Column, Name string }

// SealedColumns lists every column that a change of keys seals anew.
func SealedColumns() []SealedColumn {
	var out []SealedColumn
	for _, t := range sealedTables {
		for _, c := range t.cells {
			out = append(out, SealedColumn{t.table, c.column, c.name})
		}
	}
	return out
}

// KeyedColumns says of every column that holds neither a sealed cell nor a plain value what it hangs on, and so what a
// change of keys does about it.
var KeyedColumns = map[string]string{ //nolint:gosec // names of columns
	"person_lookups.lookup_index":    "index: made anew from the sealed cells",
	"sms_stops.phone_index":          "index: moved with the look-ups of whose number it is, or with the next message to it",
	"one_time_codes.phone_key":       "index: of a day; read under every look-up key of the settings until it is over",
	"one_time_codes.digest":          "index: of ten minutes; as above",
	"challenges.digest":              "index: of ten minutes; as above",
	"code_budgets.counter":           "index: of a day; counted under the newest key",
	"bind_tries.counter":             "index: of a day; counted under the newest key",
	"call_failures.key_index":        "index: of a day; read under every look-up key of the settings",
	"call_backs.number_index":        "index: of hours; counted under the newest key",
	"call_lock_keys.key_index":       "index: of a call; a call without the newest version has its keys tied anew",
	"staff.person_hash":              "index: read under every look-up key of the settings; link anew before the old one is taken out",
	"staff.household_hash":           "index: as staff.person_hash",
	"staff_attempts.login_hash":      "index: of minutes; counted under the newest key",
	"data_keys.wrapped_key":          "wrapping key: wrapped anew at the end",
	"idempotency_keys.key_mac":       "keys.idempotency: of days",
	"idempotency_keys.body_mac":      "keys.idempotency: of days",
	"sessions.secret_hash":           "no key: the hash of a random secret",
	"staff_sessions.secret_hash":     "no key: the hash of a random secret",
	"authorizations.state_hash":      "no key: the hash of a random secret",
	"authorizations.cookie_hash":     "no key: the hash of a random secret",
	"slips.code_hash":                "no key: the hash of a random secret",
	"misuse_reports.code_hash":       "no key: the hash of a random secret",
	"staff.password_hash":            "no key: a slow hash",
	"staff_passwords.password_hash":  "no key: a slow hash",
	"staff_recovery_codes.code_hash": "no key: the hash of a random secret",
}

// name is that of a row's cells.
func (t sealedTable) name(key []string) string { return strings.Join(key[:t.inName], "~") }

// order is the key as a row value; of has a mark for each part. line is the only number in a key.
func (t sealedTable) order() string { return "(" + strings.Join(t.key, ", ") + ")" }

func (t sealedTable) marks() string {
	out := make([]string, len(t.key))
	for i, k := range t.key {
		if out[i] = "?"; k == "line" {
			out[i] = "CAST(? AS integer)"
		}
	}
	return "(" + strings.Join(out, ", ") + ")"
}

// selected are key, as text, and cells.
func (t sealedTable) selected() string {
	var out []string
	for _, k := range t.key {
		out = append(out, "CAST("+k+" AS text)")
	}
	for _, c := range t.cells {
		out = append(out, c.column)
	}
	return strings.Join(out, ", ")
}
