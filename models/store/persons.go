package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
)

// Persons keeps our copies of the registry's facts about people. Name, ID number and phones are sealed; people are
// found by person_lookups.
type Persons struct{ *DB }

// Persons is the table of people.
func (db *DB) Persons() *Persons { return &Persons{db} }

var (
	_ citizen.Persons = (*Persons)(nil)
	_ notice.Phones   = (*Persons)(nil)
)

// The fields by which people are found.
const (
	LookupIDNumber = "id_number"
	LookupPhone    = "phone"
	LookupLast6    = "name_last6" // the name and the last six of the number: what a caller says first (R58)
)

// Last6Key is the text under which name and last six are looked up.
func Last6Key(name models.Name, last6 string) string { return name.Reveal() + "|" + last6 }

type personRow struct {
	ID                 string `gorm:"primaryKey"`
	Ref                string
	Handle             string
	NameSealed         []byte
	IDNumberSealed     []byte
	PhoneSealed        []byte
	ContactPhoneSealed []byte
	BirthDate          string
	District           string
	HouseholdRef       string
	IsHead             bool
	LivingStatus       string
	DeceasedAt         *time.Time // since when the registry says so, whatever else it changes afterwards
	MergedIntoRef      string
	Version            int64
	ChangedAt          time.Time
	ReceivedAt         time.Time
}

func (personRow) TableName() string { return "persons" }

// newPersonRow seals the fact's cells under the row's id.
func (db *DB) newPersonRow(ctx context.Context, id, handle string, f citizen.PersonFact, at time.Time) (personRow, error) {
	row := personRow{
		ID: id, Ref: string(f.Ref), Handle: handle, BirthDate: string(f.BirthDate), District: f.District,
		HouseholdRef: f.HouseholdRef, IsHead: f.IsHead, LivingStatus: string(f.LivingStatus),
		MergedIntoRef: string(f.MergedInto), Version: f.Version, ChangedAt: f.ChangedAt, ReceivedAt: at,
	}
	if f.LivingStatus == citizen.Deceased {
		row.DeceasedAt = nullTime(f.ChangedAt)
	}
	for _, cell := range []struct {
		into   *[]byte
		column string
		plain  string
	}{
		{&row.NameSealed, "name_sealed", f.Name.Reveal()},
		{&row.IDNumberSealed, "id_number_sealed", f.IDNumber.Reveal()},
		{&row.PhoneSealed, "phone_sealed", f.Phone.Reveal()},
	} {
		sealed, err := db.Seal(ctx, "persons", cell.column, id, []byte(cell.plain))
		if err != nil {
			return personRow{}, err
		}
		*cell.into = sealed
	}
	return row, nil
}

// person opens the cells. A value that no longer parses is left out rather than shown wrong.
func (db *DB) person(ctx context.Context, row personRow) (citizen.Person, error) {
	cells := map[string][]byte{
		"name_sealed": row.NameSealed, "id_number_sealed": row.IDNumberSealed, "phone_sealed": row.PhoneSealed,
		"contact_phone_sealed": row.ContactPhoneSealed,
	}
	plain := make(map[string]string, len(cells))
	for column, cell := range cells {
		open, err := db.Unseal(ctx, "persons", column, row.ID, cell)
		if err != nil {
			return citizen.Person{}, fmt.Errorf("person %s: %w", row.ID, err)
		}
		plain[column] = string(open)
	}
	p := citizen.Person{ID: models.ID(row.ID), Handle: row.Handle, ReceivedAt: models.Instant(row.ReceivedAt)}
	p.PersonFact = citizen.PersonFact{
		Ref: models.PersonRef(row.Ref), BirthDate: models.Date(row.BirthDate), District: row.District,
		HouseholdRef: row.HouseholdRef, IsHead: row.IsHead, LivingStatus: citizen.LivingStatus(row.LivingStatus),
		MergedInto: models.PersonRef(row.MergedIntoRef), Version: row.Version, ChangedAt: models.Instant(row.ChangedAt),
	}
	p.Name, _ = models.ParseName(plain["name_sealed"])
	p.IDNumber, _ = models.ParseIDNumber(plain["id_number_sealed"], db.stamp())
	p.Phone, _ = models.ParsePhone(plain["phone_sealed"])
	p.ContactPhone, _ = models.ParsePhone(plain["contact_phone_sealed"])
	return p, nil
}

// Person reads one person.
func (t *Persons) Person(ctx context.Context, id models.ID) (citizen.Person, error) {
	return t.onePerson(ctx, "id = ?", string(id))
}

// PersonByRef reads a person by the registry's reference.
func (t *Persons) PersonByRef(ctx context.Context, ref models.PersonRef) (citizen.Person, error) {
	return t.onePerson(ctx, "ref = ?", string(ref))
}

// LockPerson reads one person; her row stays as it is until the transaction ends.
func (t *Persons) LockPerson(ctx context.Context, id models.ID) (citizen.Person, error) {
	if t.txFrom(ctx) == nil {
		return citizen.Person{}, errors.New("a person is locked inside a transaction")
	}
	return t.personOf(ctx, t.forUpdate(t.w(ctx)).Where("id = ?", string(id)))
}

func (t *Persons) onePerson(ctx context.Context, where, arg string) (citizen.Person, error) {
	return t.personOf(ctx, t.q(ctx).Where(where, arg))
}

func (t *Persons) personOf(ctx context.Context, q *gorm.DB) (citizen.Person, error) {
	var row personRow
	if err := q.Take(&row).Error; err != nil {
		return citizen.Person{}, translate(err)
	}
	return t.person(ctx, row)
}

// PersonsByIDNumber lists the people of our copy with this number; merged records are not among them.
func (t *Persons) PersonsByIDNumber(ctx context.Context, id models.IDNumber) ([]citizen.Person, error) {
	return t.found(ctx, LookupIDNumber, id.Reveal())
}

// PersonsByNameAndLast6 lists the people of our copy whose name and last six characters of the number are these.
func (t *Persons) PersonsByNameAndLast6(ctx context.Context, name models.Name, last6 string) ([]citizen.Person, error) {
	return t.found(ctx, LookupLast6, Last6Key(name, last6))
}

func (t *Persons) found(ctx context.Context, field, value string) ([]citizen.Person, error) {
	ids, err := t.FindByLookup(ctx, field, value)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	var rows []personRow
	if err := t.q(ctx).Where("id IN ?", ids).Order("id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]citizen.Person, len(rows))
	for i, row := range rows {
		if out[i], err = t.person(ctx, row); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SetContactPhone sets or, with the zero phone, clears the phone that messages go to instead of the registry's.
func (t *Persons) SetContactPhone(ctx context.Context, id models.ID, phone models.Phone) error {
	sealed, err := t.Seal(ctx, "persons", "contact_phone_sealed", string(id), []byte(phone.Reveal()))
	if err != nil {
		return err
	}
	return guarded(t.w(ctx).Exec("UPDATE persons SET contact_phone_sealed = ? WHERE id = ?", sealed, string(id)))
}

// NoticePhone finds the number a notice goes to. Without a reference it is the phone messages go to: the person's own
// changed phone where that counts, else the registry's. With one it is the registry's and no other (a code to bind
// names its own row); a pending phone is read from its change, a caller's from the call.
func (t *Persons) NoticePhone(ctx context.Context, person models.ID, to notice.Destination, ref models.ID) (models.Phone, error) {
	if to == notice.ToPendingPhone {
		c, err := t.PhoneChanges().PhoneChange(ctx, ref)
		if err != nil || c.NewPhone.IsZero() {
			return models.Phone{}, noPhone(err)
		}
		return c.NewPhone, nil
	}
	if to == notice.ToCaller {
		return t.callerPhone(ctx, ref)
	}
	p, err := t.Person(ctx, person)
	if err != nil {
		return models.Phone{}, noPhone(err)
	}
	phone := p.Phone
	if to == notice.ToRegistryPhone && ref == "" {
		phone = p.ReachedAt()
	}
	if phone.IsZero() {
		return models.Phone{}, notice.ErrNoPhone
	}
	return phone, nil
}

// callerPhone is the mobile a call came from.
func (t *Persons) callerPhone(ctx context.Context, call models.ID) (models.Phone, error) {
	c, err := t.Calls().CallByID(ctx, call)
	if err != nil {
		return models.Phone{}, noPhone(err)
	}
	phone, err := models.ParsePhone(c.Caller.Reveal()) // the number rings there already
	if err != nil {
		return models.Phone{}, notice.ErrNoPhone
	}
	return phone, nil
}

func noPhone(err error) error {
	if err == nil || models.KindOf(err) == models.NotFound {
		return notice.ErrNoPhone
	}
	return err
}
