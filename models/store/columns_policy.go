package store

// policyColumns classifies the tables of the policy capability (see TableColumns).
var policyColumns = []TableColumns{
	{Table: "policy_settings", Keep: KeepAlways, Columns: map[Class][]string{
		Public:   {"key", "scope", "value", "valid_from", "basis"},
		Internal: {"id", "set_by", "approved_by", "set_at"},
	}},
	{Table: "banks", Keep: KeepMirror, Columns: map[Class][]string{
		Public:   {"code", "name", "short_name", "phone", "valid_from", "valid_to", "successor"},
		Internal: {"version", "changed_at", "received_at"},
	}},
	{Table: "bank_services", Keep: KeepMirror, Columns: map[Class][]string{
		Public: {"bank_code", "kind", "area", "valid_from", "valid_to"},
	}},
	{Table: "outlets", Keep: KeepMirror, Columns: map[Class][]string{
		Public:   {"ref", "name", "kind", "bank_code", "district", "town", "address", "phone", "hours", "opening", "services", "longitude", "latitude", "open", "successor"},
		Internal: {"version", "changed_at", "received_at"},
	}},
	{Table: "policy_proposals", Keep: KeepAlways, Columns: map[Class][]string{
		Public: {"key", "scope", "value", "valid_from", "basis"},
		Internal: {
			"id", "kind", "seen", "state", "lapses_at", "ended_at", "proposed_by", "proposed_at", "decided_by", "decided_at", "reason", "setting_id",
		},
	}},
	{Table: "policy_edition", Keep: KeepAlways, Columns: map[Class][]string{Internal: {"one", "n"}}},
}
