package subsidy

import (
	_ "embed" // the list of the start version travels with the product
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"onecard/models"
)

//go:embed catalogue.json
var shippedJSON []byte

type shippedList struct {
	PublishedOn  models.Date `json:"published_on"`
	ValidFrom    models.Date `json:"valid_from"`
	OfficialLink string      `json:"official_link"`
	PolicyDoc    string      `json:"policy_document"`
	Items        []struct {
		Number      int         `json:"number"`
		Name        string      `json:"name"`
		ShortName   string      `json:"short_name"`
		SMSName     string      `json:"sms_name"`
		Domain      string      `json:"domain"`
		Department  string      `json:"department"`
		PayeeKind   string      `json:"payee_kind"`
		Cadence     string      `json:"cadence"`
		Sensitivity Sensitivity `json:"sensitivity"`
	} `json:"items"`
}

// shipped is the list of 45 items as the product brings it: what the public reads before the registry was heard, and the
// class below which no item of the list is ever shown. It never names a payment; only the registry's editions do.
var shipped = sync.OnceValue(func() []Programme {
	var list shippedList
	if err := json.Unmarshal(shippedJSON, &list); err != nil {
		panic(err) // linked in, and read by every test of the catalogue
	}
	out := make([]Programme, len(list.Items))
	for i, it := range list.Items {
		out[i] = Programme{
			Code: fmt.Sprintf("P%02d", it.Number), Edition: 1, Number: it.Number, Name: it.Name, ShortName: it.ShortName, SMSName: it.SMSName,
			Domain: it.Domain, Department: it.Department, PayeeKind: it.PayeeKind, Cadence: it.Cadence, Sensitivity: it.Sensitivity,
			PolicyDoc: fmt.Sprintf(list.PolicyDoc, it.Number), OfficialLink: list.OfficialLink, PublishedOn: list.PublishedOn,
			ValidFrom: list.ValidFrom, Shipped: true,
		}
	}
	return out
})

// orShipped is what the registry told, or the shipped list while it has told of no item of the list yet. The two are
// never mixed: an item that the registry does not name is not in its list.
func orShipped(told []Programme) []Programme {
	if slices.ContainsFunc(told, func(p Programme) bool { return p.Number > 0 }) {
		return told
	}
	return slices.Concat(shipped(), told)
}

// floor is the mildest class that an item of the list may have, whatever the source says (R55).
func floor(number int) Sensitivity {
	if list := shipped(); number >= 1 && number <= len(list) {
		return list[number-1].Sensitivity
	}
	return SensitivityNormal
}
