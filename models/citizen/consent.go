package citizen

import (
	"time"

	"onecard/models"
)

// Purpose is what a consent is for. Each sensitive use has its own screen and its own row (R53); none is bundled.
type Purpose string

// The purposes.
const (
	PurposePrivacyNotice Purpose = "privacy_notice" // acknowledged, not consented to: a state organ acts under its duty but must inform
	PurposeFace          Purpose = "face"           // real-person check: biometrics
	PurposeIDImages      Purpose = "id_images"      // pictures of identity papers and the photo on the card
	PurposeBankData      Purpose = "bank_data"      // the financial account on the card
)

// Basis is the legal ground of PIPL that the record stands on.
type Basis string

// The bases in use.
const (
	BasisDuty    Basis = "statutory_duty"   // PIPL 13(3), 34, 35
	BasisConsent Basis = "separate_consent" // PIPL 29
)

// Document is the text a person reads for one purpose. A changed text is a new version, and an old consent does not
// cover it.
type Document struct {
	Purpose   Purpose
	Version   string
	Basis     Basis
	Sensitive bool // needs its own consent, and under 14 the guardian's
	Title     string
	Text      string
}

// GuardianBelow is the age below which PIPL 31 asks for the guardian's consent. It is not the 16 of R23.
const GuardianBelow = 14

// Documents are the texts in force, in the order a client shows them.
var Documents = []Document{
	{PurposePrivacyNotice, "2021-11-01", BasisDuty, false, "个人信息处理告知书",
		"为办理社会保障卡业务,我们依照法定职责处理您的姓名、证件号码、手机号码、社会保障卡状态和补贴到账记录,仅用于核实身份、办理业务和发送业务通知。您可随时查询、复制、更正,或解除账号绑定。如有疑问请拨打12333。"},
	{PurposeFace, "2021-11-01", BasisConsent, true, "人脸信息处理单独同意书",
		"为确认是您本人办理,我们将通过微信或支付宝核验您的人脸信息。我们只取得核验结果,不保存人脸图像。您可以不同意,并改在社保卡服务网点凭一次性绑定单办理。如有疑问请拨打12333。"},
	{PurposeIDImages, "2021-11-01", BasisConsent, true, "证件影像处理单独同意书",
		"为制作社会保障卡,我们将处理您的身份证件影像和证件照片,传送给制卡机构,办结后按档案规定保存。您可以不同意,并改在社保卡服务网点办理。如有疑问请拨打12333。"},
	{PurposeBankData, "2021-11-01", BasisConsent, true, "金融账户信息处理单独同意书",
		"为开立和核对社会保障卡的金融账户,我们将把您的身份信息提供给您选择的合作银行,并显示账户状态和尾号。您可以不同意,并改在社保卡服务网点办理。如有疑问请拨打12333。"},
}

// DocumentFor is the text in force for a purpose.
func DocumentFor(p Purpose) (Document, bool) {
	for _, d := range Documents {
		if d.Purpose == p {
			return d, true
		}
	}
	return Document{}, false
}

// Consent is one act of one person: given for a purpose and a version, perhaps withdrawn later. Rows are never
// overwritten: they are the evidence.
type Consent struct {
	ID          models.ID
	AccountID   models.ID // the platform account it was given through; empty for a borrowed phone
	PersonID    models.ID // whose data; empty until the account is bound
	GivenBy     models.ID // the person who gave it: the subject, or the guardian
	Purpose     Purpose
	Version     string
	Basis       Basis
	Channel     models.Channel
	GivenAt     time.Time
	WithdrawnAt time.Time
}

// Covers reports whether the consent stands for the text in force.
func (c Consent) Covers(d Document) bool {
	return c.Purpose == d.Purpose && c.Version == d.Version && c.WithdrawnAt.IsZero()
}

// standsFor reports whether what the actor does may stand on the consent (R53). For a sensitive use it counts only as
// given by whose it was to give at that time: under 14 the guardian, from then on the person. What the guardian gave
// before the 14th birthday goes on for what the guardian does, until the person decides; she herself is asked at her next
// act. Before binding a consent is the account's.
func (c Consent) standsFor(by models.Actor, d Document, birth models.Date, now time.Time) bool {
	if !c.Covers(d) {
		return false
	}
	if !d.Sensitive || by.Subject == "" {
		return true
	}
	byGuardian := c.GivenBy != "" && c.GivenBy != by.Subject
	if byGuardian != youngerThan(GuardianBelow, birth, c.GivenAt) {
		return false
	}
	return !byGuardian || !by.ForSelf() || youngerThan(GuardianBelow, birth, now)
}
