package api

import (
	"errors"
	"strings"
)

// refusedKeys are the keys no operation takes, without case, dashes and underscores: what asks for a PIN or password
// (R29), and what names another bank account (R2).
var refusedKeys = map[string]error{
	"pin": errPIN, "pincode": errPIN, "oldpin": errPIN, "newpin": errPIN, "cardpin": errPIN, "initialpin": errPIN,
	"passwd": errPIN, "password": errPIN, "oldpassword": errPIN, "newpassword": errPIN, "cardpassword": errPIN, "密码": errPIN,
	"bankaccount": errPayeeAccount, "bankaccountno": errPayeeAccount, "bankaccountnumber": errPayeeAccount,
	"payeeaccount": errPayeeAccount, "payeebankaccount": errPayeeAccount, "payeeaccountnumber": errPayeeAccount,
	"bankcard": errPayeeAccount, "bankcardno": errPayeeAccount, "bankcardnumber": errPayeeAccount,
	"accountnumber": errPayeeAccount, "passbook": errPayeeAccount, "passbooknumber": errPayeeAccount,
}

const maxKeyName = 40 // longer names are nobody's; huma calls them unknown

var keySeparators = strings.NewReplacer("_", "", "-", "")

// refusedKey holds R29 and R2 in one place, for every operation. Spelling a key another way does not help.
func refusedKey(key string, acceptsPassword bool) error {
	if len(key) > maxKeyName {
		return nil
	}
	err := refusedKeys[strings.ToLower(keySeparators.Replace(key))]
	if acceptsPassword && errors.Is(err, errPIN) {
		return nil
	}
	return err
}
