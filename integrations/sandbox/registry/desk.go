package registry

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// DeskHandler serves what a demo or a test does and sees on the registry's side, under /desk/registry/.
// It has no keys: it belongs on a loopback address.
func (r *Registry) DeskHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /desk/registry/effects", func(w http.ResponseWriter, req *http.Request) {
		q := req.URL.Query()
		effects := r.EffectsOf(q.Get("request_id"), q.Get("card_ref"))
		show(w, http.StatusOK, map[string]any{"count": len(effects), "effects": effects})
	})
	mux.HandleFunc("GET /desk/registry/commands", func(w http.ResponseWriter, _ *http.Request) {
		show(w, http.StatusOK, map[string]any{"commands": r.Commands()})
	})
	mux.HandleFunc("GET /desk/registry/cards/{ref}", func(w http.ResponseWriter, req *http.Request) {
		if c, ok := r.Card(req.PathValue("ref")); ok {
			show(w, http.StatusOK, c)
			return
		}
		show(w, http.StatusNotFound, problem{"NO_SUCH_CARD", "unknown reference"})
	})
	mux.HandleFunc("GET /desk/registry/citizens/{name}", func(w http.ResponseWriter, req *http.Request) {
		name := req.PathValue("name")
		c, ok := r.Citizen(name)
		if !ok {
			show(w, http.StatusNotFound, problem{"NO_SUCH_CITIZEN", errUnknownCitizen.Error()})
			return
		}
		show(w, http.StatusOK, map[string]any{"citizen": c, "cards": r.CardsOf(name), "applications": r.Applications(name), "lines": r.Lines(name)})
	})
	mux.HandleFunc("GET /desk/registry/lists", func(w http.ResponseWriter, _ *http.Request) { show(w, http.StatusOK, r.lists()) })
	mux.HandleFunc("GET /desk/registry/faults", func(w http.ResponseWriter, _ *http.Request) {
		show(w, http.StatusOK, map[string]any{"faults": r.Faults()})
	})
	mux.HandleFunc("POST /desk/registry/faults", func(w http.ResponseWriter, req *http.Request) {
		var f Fault
		if err := json.NewDecoder(http.MaxBytesReader(w, req.Body, maxBody)).Decode(&f); err != nil {
			show(w, http.StatusBadRequest, problem{"MALFORMED", "not a JSON fault"})
			return
		}
		f.Target = strings.TrimPrefix(f.Target, "registry.")
		if err := r.SetFault(f); err != nil {
			show(w, http.StatusBadRequest, problem{"MALFORMED", err.Error()})
			return
		}
		show(w, http.StatusOK, map[string]any{"faults": r.Faults()})
	})
	mux.HandleFunc("POST /desk/registry/events", func(w http.ResponseWriter, req *http.Request) {
		raw, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody))
		var out Outcome
		if err == nil {
			out, err = r.Drive(raw)
		}
		if err != nil {
			show(w, http.StatusBadRequest, problem{"NOT_POSSIBLE", err.Error()})
			return
		}
		show(w, http.StatusOK, out)
	})
	return mux
}

func show(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
