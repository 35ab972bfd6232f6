package sms

import (
	"strings"

	"onecard/models/notice"
)

// notTheVendors are refusals that tell of one number, one text or of our own haste, and nothing of the vendor: they move a
// message to the next vendor, and never a vendor out of its place.
var notTheVendors = map[string]bool{
	"template_not_set":       true, // ours: this kind is not filed there
	notice.ReasonNotApproved: true, // its text is not approved there
	"templates_not_readable": true,
	"params":                 true,
	"vendor_cap":             true,
	// Aliyun: https://help.aliyun.com/document_detail/101346.html
	"isv.SMS_TEMPLATE_ILLEGAL":   true,
	"isv.BUSINESS_LIMIT_CONTROL": true, // so many to one number
	// Tencent: https://cloud.tencent.com/document/product/382/55981
	"FailedOperation.TemplateIncorrectOrUnapproved":            true,
	"FailedOperation.TemplateIdNotExist":                       true,
	"FailedOperation.TemplateUnapprovedOrNotExist":             true,
	"FailedOperation.TemplateParamSetNotMatchApprovedTemplate": true,
	"InvalidParameterValue.TemplateParameterFormatError":       true,
	"InvalidParameterValue.TemplateParameterLengthLimit":       true,
	"LimitExceeded.PhoneNumberDailyLimit":                      true,
	"LimitExceeded.PhoneNumberOneHourLimit":                    true,
	"LimitExceeded.PhoneNumberThirtySecondLimit":               true,
	"LimitExceeded.PhoneNumberSameContentDailyLimit":           true,
	"LimitExceeded.DeliveryFrequencyLimit":                     true,
}

// blames reports whether an answer counts against the vendor. A refusal for good is an answer, and a quick one: the
// vendor works.
func blames(e *notice.SendError) bool {
	switch e.Class {
	case notice.FateUnknown:
		return true
	case notice.NotAccepted:
		return !notTheVendors[e.Code] && !hasty(e.Code)
	default:
		return false
	}
}

// hasty are the vendors' words for too many calls a second.
func hasty(code string) bool {
	return strings.Contains(code, "Throttling") || strings.HasPrefix(code, "RequestLimitExceeded")
}
