package bench

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/hotline"
	"onecard/models/store"
)

// seat is an agent with a session, in an open call about a person.
type seat struct{ token, call, person string }

// seedSeats adds people with a card each, as the feed brings them, and as many agents, each in a call about one of them: opened and
// verified through the console's own API, so that whatever a look asks after is there.
func (w *world) seedSeats(ctx context.Context, n int) (list []seat, err error) {
	db, _, err := w.ours(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	people, err := seatPeople(ctx, db, n)
	if err != nil {
		return nil, err
	}
	list, err = seatAgents(ctx, db, n)
	if err != nil {
		return nil, err
	}
	p, err := w.start(ctx, "/readyz", "serve")
	if err != nil {
		return nil, err
	}
	defer w.end(p)
	client := newClient(1)
	defer client.CloseIdleConnections()
	for i := range list {
		if list[i].call, err = openSeat(ctx, client, p.base, list[i].token, people[i]); err != nil {
			return nil, err
		}
		if err := w.db.QueryRow(ctx, "SELECT id::text FROM persons WHERE ref = $1", string(people[i].Ref)).Scan(&list[i].person); err != nil {
			return nil, err
		}
	}
	return list, w.seedBareLooks(ctx)
}

// seatPeople are people of the registry.
func seatPeople(ctx context.Context, db *store.DB, n int) ([]citizen.PersonFact, error) {
	now := time.Now()
	people, cards := make([]citizen.PersonFact, n), make([]card.Fact, n)
	for i := range people {
		born := time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i)
		name, err := models.ParseName("智" + string(rune(0x4e00+i)))
		if err != nil {
			return nil, err
		}
		id, err := models.ParseIDNumber(withCheckDigit("410303"+born.Format("20060102")+"101"), now)
		if err != nil {
			return nil, err
		}
		phone, err := models.ParsePhone(fmt.Sprintf("139%08d", i))
		if err != nil {
			return nil, err
		}
		ref := models.PersonRef(fmt.Sprintf("SEAT-%d", i))
		people[i] = citizen.PersonFact{
			Ref: ref, Name: name, IDNumber: id, Phone: phone, BirthDate: models.Date(born.Format(time.DateOnly)), District: "410303",
			LivingStatus: citizen.Alive, Version: 1, ChangedAt: now,
		}
		cards[i] = card.Fact{
			Ref: models.CardRef(fmt.Sprintf("SEAT-CARD-%d", i)), PersonRef: ref, NumberMask: fmt.Sprintf("**** %04d", i), Area: "410300", BankCode: "LYB",
			AccountTail: "1234", Social: card.SocialNormal, Financial: card.FinancialActive, Holding: card.Collected, Version: 1, ChangedAt: now,
		}
	}
	return people, db.InTx(ctx, func(ctx context.Context) error {
		if _, err := db.Persons().ApplyPersons(ctx, people, now); err != nil {
			return err
		}
		_, err := db.Cards().MirrorCards(ctx, cards, now)
		return err
	})
}

// withCheckDigit adds the last character of an ID number (GB 11643).
func withCheckDigit(first17 string) string {
	sum, weight := 0, 1
	for i := len(first17) - 1; i >= 0; i-- {
		weight = weight * 2 % 11
		sum += int(first17[i]-'0') * weight
	}
	return first17 + string("10X98765432"[sum%11])
}

// seatAgents are members of staff who have logged in.
func seatAgents(ctx context.Context, db *store.DB, n int) ([]seat, error) {
	name, err := models.ParseName("席一")
	if err != nil {
		return nil, err
	}
	list := make([]seat, n)
	now := time.Now()
	for i := range list {
		m := hotline.Staff{ID: models.NewID(), Login: fmt.Sprintf("bench-%d", i), Name: name, Roles: []hotline.Role{hotline.RoleAgent},
			PasswordHash: "none", TOTPSecret: "none", CreatedAt: now, PasswordAt: now, Version: 1}
		if err := db.Staff().CreateStaff(ctx, m); err != nil {
			return nil, err
		}
		raw := make([]byte, 48)
		_, _ = rand.Read(raw)
		handle, secret := base64.RawURLEncoding.EncodeToString(raw[:16]), base64.RawURLEncoding.EncodeToString(raw[16:])
		sum := sha256.Sum256([]byte(secret))
		list[i].token = "oa1." + handle + "." + secret
		err := db.StaffSessions().CreateSession(ctx, hotline.Session{ID: models.NewID(), StaffID: m.ID, Handle: handle, SecretHash: sum[:], OpenedAt: now, SeenAt: now})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

func openSeat(ctx context.Context, client *http.Client, base, token string, p citizen.PersonFact) (string, error) {
	var call struct {
		CallID string `json:"call_id"`
	}
	if err := post(ctx, client, base, token, "/agent/v1/calls", map[string]string{"caller_number": p.Phone.Reveal()}, &call); err != nil {
		return "", err
	}
	var found struct{ Result string }
	err := post(ctx, client, base, token, "/agent/v1/calls/"+call.CallID+"/verification",
		map[string]string{"name": p.Name.Reveal(), "id_last6": p.IDNumber.Last6()}, &found)
	if err == nil && found.Result != "match" {
		err = errors.New("the bench's own caller was not recognised")
	}
	return call.CallID, err
}

// post sends a body and reads the answer into out.
func post(ctx context.Context, client *http.Client, base, token, path string, body, out any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+path, strings.NewReader(string(text)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s answered %d: %.200s", path, res.StatusCode, answer)
	}
	return json.Unmarshal(answer, out)
}
