package desk

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
)

const maxBody = 1 << 20

type problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// answer writes JSON, or goes back to the page when the page's own form asked.
func answer(w http.ResponseWriter, r *http.Request, v any) {
	if fromPage(r) {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	write(w, http.StatusOK, v)
}

func refuse(w http.ResponseWriter, _ *http.Request, status int, code, message string) {
	write(w, status, problem{code, message})
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func fromPage(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
}

// body reads a JSON object, or the page's form as one: words, except for what looks like a number, true or false.
func body(w http.ResponseWriter, r *http.Request) (json.RawMessage, bool) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if !fromPage(r) {
		raw, err := io.ReadAll(r.Body)
		if err != nil || !json.Valid(raw) {
			refuse(w, r, http.StatusBadRequest, "MALFORMED", "not a JSON object")
			return nil, false
		}
		return raw, true
	}
	if err := r.ParseForm(); err != nil {
		refuse(w, r, http.StatusBadRequest, "MALFORMED", "not a form")
		return nil, false
	}
	out := map[string]any{}
	for k := range r.PostForm {
		switch v := r.PostForm.Get(k); {
		case v == "":
		case v == "true" || v == "false":
			out[k] = v == "true"
		case numeric[k]:
			n, err := strconv.Atoi(v)
			if err != nil {
				refuse(w, r, http.StatusBadRequest, "MALFORMED", k+" is not a number")
				return nil, false
			}
			out[k] = n
		default:
			out[k] = v
		}
	}
	raw, err := json.Marshal(out)
	return raw, err == nil
}

// numeric are the form fields that are numbers; a code such as 40029 is a word.
var numeric = map[string]bool{"times": true, "delay_ms": true, "status": true, "amount_fen": true, "level": true}

func decode(w http.ResponseWriter, r *http.Request, into any) (json.RawMessage, bool) {
	raw, ok := body(w, r)
	if !ok {
		return nil, false
	}
	if err := json.Unmarshal(raw, into); err != nil {
		refuse(w, r, http.StatusBadRequest, "MALFORMED", "a field has the wrong type")
		return nil, false
	}
	return raw, true
}
