package alipay

import (
	"context"
	"encoding/base64"
	"encoding/json"

	sdk "github.com/smartwalle/alipay/v3"

	"onecard/models"
	"onecard/models/citizen"
)

// maxProof is more than any answer of my.getPhoneNumber is long.
const maxProof = 8 << 10

// PhoneNumber reads what my.getPhoneNumber gave the client: {response, sign}. Everything about it is the client's word
// until the platform's signature was checked, and the SDK decrypts before it checks: so form and length are looked at
// first, and only these two fields go on. An alipay_cert_sn beside them would choose with which key to check.
func (m *MiniProgram) PhoneNumber(ctx context.Context, proof string) (models.Phone, error) {
	const method = "my.getPhoneNumber"
	if m.phones == nil {
		m.alarm(ctx, method, "the app has no content key")
		return models.Phone{}, models.ErrUnavailable.Because(&callError{method: method, cause: "the app has no content key"})
	}
	payload, err := phonePayload(proof)
	if err != nil {
		return models.Phone{}, err
	}
	var number *sdk.MobileNumber
	told, err := m.call(ctx, method, func(ctx context.Context) (sdk.Error, error) {
		var err error
		number, err = m.phones.DecodePhoneNumber(ctx, payload)
		if number == nil {
			return sdk.Error{}, err
		}
		return sdk.Error{Code: number.Code, Msg: number.Msg}, err
	})
	switch {
	case ctx.Err() != nil:
		return models.Phone{}, models.ErrUnavailable.Because(err)
	case err != nil, told.Code == "", number == nil:
		return models.Phone{}, citizen.ErrLoginCodeInvalid.Because(err)
	case !told.IsSuccess():
		return models.Phone{}, m.refusal(ctx, method, told, nil)
	}
	return models.ParsePhone(number.Mobile)
}

// phonePayload is the proof with nothing in it but what was checked for form.
func phonePayload(proof string) (string, error) {
	var in struct {
		Response string `json:"response"`
		Sign     string `json:"sign"`
	}
	if len(proof) > maxProof || json.Unmarshal([]byte(proof), &in) != nil {
		return "", citizen.ErrLoginCodeInvalid
	}
	sealed, err := base64.StdEncoding.Strict().DecodeString(in.Response)
	if err != nil || len(sealed) == 0 || len(sealed)%16 != 0 {
		return "", citizen.ErrLoginCodeInvalid
	}
	if sign, err := base64.StdEncoding.DecodeString(in.Sign); err != nil || len(sign) == 0 {
		return "", citizen.ErrLoginCodeInvalid
	}
	clean, err := json.Marshal(in)
	if err != nil {
		return "", citizen.ErrLoginCodeInvalid
	}
	return string(clean), nil
}
