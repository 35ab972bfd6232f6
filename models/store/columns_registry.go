package store

// registryColumns classifies the tables of the registry's feeds (see TableColumns).
var registryColumns = []TableColumns{
	{Table: "feed_cursors", Keep: KeepAlways, Columns: map[Class][]string{
		Internal: {"source", "cursor", "data_seq", "current_as_of", "received_at", "notify_from", "caught_up_at"},
	}},
	{Table: "registry_polls", Keep: KeepMirror, Columns: map[Class][]string{
		Internal: {"person_id", "due_at", "asked_at", "unknown_since", "tries"},
	}},
	{Table: "registry_tickets", Keep: KeepAlways, Columns: map[Class][]string{
		Internal: {"source", "last"},
	}},
	{Table: "parked_events", Keep: KeepMirror, Columns: map[Class][]string{
		Internal: {"id", "source", "entity", "entity_id", "version", "reason", "parked_at", "retry_at", "tries"}, Core: {"body_sealed"},
	}},
}
