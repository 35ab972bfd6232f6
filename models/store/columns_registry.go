package store

// registryColumns classifies the tables of the registry's feeds (see TableColumns).
var registryColumns = []TableColumns{
	{Table: "feed_cursors", Keep: KeepAlways, Columns: map[Class][]string{
		Internal: {"source", "cursor", "data_seq", "current_as_of", "received_at", "notify_from"},
	}},
	{Table: "parked_events", Keep: KeepMirror, Columns: map[Class][]string{
		Internal: {"id", "source", "entity", "entity_id", "version", "reason", "parked_at"}, Core: {"body_sealed"},
	}},
}
