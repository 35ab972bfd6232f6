package store

import (
	"context"
	"errors"

	"onecard/models"
)

// RegistryPhones implements notice.Phones: the phones messages go to, of many people in one statement. A number that no
// longer parses is left out.
func (t *Persons) RegistryPhones(ctx context.Context, people []models.ID) (map[models.ID]models.Phone, error) {
	ids := make([]string, len(people))
	for i, id := range people {
		ids[i] = string(id)
	}
	var rows []personRow
	err := t.q(ctx).Select("id", "phone_sealed", "contact_phone_sealed").Where(t.among("id", ids)).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	out := make(map[models.ID]models.Phone, len(rows))
	for _, r := range rows {
		phone, err := t.phoneIn(ctx, "contact_phone_sealed", r.ID, r.ContactPhoneSealed)
		if err == nil && phone.IsZero() {
			phone, err = t.phoneIn(ctx, "phone_sealed", r.ID, r.PhoneSealed)
		}
		if errors.Is(err, ErrCell) {
			continue // whoever asks for this one alone learns it
		}
		if err != nil {
			return nil, err
		}
		if !phone.IsZero() {
			out[models.ID(r.ID)] = phone
		}
	}
	return out, nil
}

func (t *Persons) phoneIn(ctx context.Context, column, id string, cell []byte) (models.Phone, error) {
	open, err := t.Unseal(ctx, "persons", column, id, cell)
	if err != nil {
		return models.Phone{}, err
	}
	phone, _ := models.ParsePhone(string(open))
	return phone, nil
}
