package registry

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// batchLines gives the lines of a batch as they are now, one JSON object a line, in line order.
func (r *Registry) batchLines(k call) reply {
	if r.st.batches.byID[k.arg] == nil {
		return refusal(http.StatusNotFound, "NO_SUCH_BATCH", "unknown batch")
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	for _, id := range r.st.linesOf[k.arg] {
		if err := enc.Encode(r.st.lines.byID[id]); err != nil {
			return refusal(http.StatusInternalServerError, "INTERNAL", "lines")
		}
	}
	return reply{status: http.StatusOK, ctype: "application/x-ndjson", body: out.Bytes()}
}
