package api

import "github.com/danielgtaylor/huma/v2"

// declaredNames gathers every parameter and property name an operation declares: the only words an answer may use to
// say where something is wrong.
func declaredNames(registry huma.Registry, h *huma.Operation) map[string]bool {
	names := map[string]bool{}
	for _, p := range h.Parameters {
		names[p.Name] = true
	}
	if h.RequestBody != nil {
		seen := map[*huma.Schema]bool{}
		for _, media := range h.RequestBody.Content {
			gatherNames(registry, media.Schema, names, seen)
		}
	}
	return names
}

func gatherNames(registry huma.Registry, s *huma.Schema, names map[string]bool, seen map[*huma.Schema]bool) {
	for s != nil && s.Ref != "" {
		s = registry.SchemaFromRef(s.Ref)
	}
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	for name, property := range s.Properties {
		names[name] = true
		gatherNames(registry, property, names, seen)
	}
	gatherNames(registry, s.Items, names, seen)
	for _, list := range [][]*huma.Schema{s.OneOf, s.AnyOf, s.AllOf} {
		for _, part := range list {
			gatherNames(registry, part, names, seen)
		}
	}
}
