package registry

import (
	"encoding/json"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/mirror"
)

// ReadLists reads the lists of banks and outlets that a source without a feed publishes: {"banks": […], "outlets": […]},
// each in the shape of the contract's fact of that name.
func ReadLists(raw []byte, now time.Time) ([]mirror.Event, error) {
	var in struct {
		Banks   []json.RawMessage `json:"banks"`
		Outlets []json.RawMessage `json:"outlets"`
	}
	if err := json.Unmarshal(raw, &in); err != nil || len(in.Banks) == 0 {
		return nil, errors.New("lists: not the JSON of the contract, or without banks")
	}
	var out []mirror.Event
	for entity, list := range map[string][]json.RawMessage{"bank": in.Banks, "outlet": in.Outlets} {
		for _, data := range list {
			var head struct {
				Code      string    `json:"code"`
				Ref       string    `json:"ref"`
				Version   int64     `json:"version"`
				ChangedAt time.Time `json:"changed_at"`
			}
			if err := json.Unmarshal(data, &head); err != nil {
				return nil, errors.New("lists: an entry is not an object of the contract")
			}
			id := head.Ref
			if entity == "bank" {
				id = head.Code
			}
			fact, err := readers[entity](data, now)
			if err != nil || id == "" {
				return nil, errors.New("lists: an entry cannot be read")
			}
			out = append(out, mirror.Event{Entity: entity, EntityID: id, Version: head.Version, ChangedAt: models.Instant(head.ChangedAt), Fact: fact, Raw: data})
		}
	}
	return out, nil
}
