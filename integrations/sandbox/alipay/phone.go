package alipay

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// PhonePayload is what my.getPhoneNumber hands the mini-program after the citizen agreed: her number, encrypted with
// the app's AES key (CBC, zero IV, PKCS#5), and the platform's signature over the quoted text.
func (p *Platform) PhonePayload(appID, citizen string) (string, error) {
	who, ok := p.people.Find(citizen)
	if !ok {
		return "", fmt.Errorf("alipay sandbox: no citizen %q", citizen)
	}
	return p.SealPhone(appID, map[string]string{"code": "10000", "msg": "Success", "mobile": who.Phone})
}

// SealPhone encrypts and signs any answer of the phone number call, refusals too.
func (p *Platform) SealPhone(appID string, content map[string]string) (string, error) {
	a, ok := p.apps[appID]
	if !ok || a.AESKey == "" {
		return "", fmt.Errorf("alipay sandbox: no app %q that reads phones", appID)
	}
	key, err := base64.StdEncoding.DecodeString(a.AESKey)
	if err != nil {
		return "", err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(content)
	if err != nil {
		return "", err
	}
	pad := aes.BlockSize - len(text)%aes.BlockSize
	text = append(text, bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, make([]byte, aes.BlockSize)).CryptBlocks(text, text)
	sealed := base64.StdEncoding.EncodeToString(text)
	out, err := json.Marshal(map[string]string{
		"response": sealed, "sign": p.sign([]byte(`"` + sealed + `"`)), "sign_type": "RSA2", "encrypt_type": "AES", "charset": "UTF-8",
	})
	return string(out), err
}
