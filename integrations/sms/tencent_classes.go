package sms

import (
	"strings"
	"time"

	"onecard/models/notice"
)

// tencentRefused are the vendor's codes for a message that no vendor will take, however often it is offered. List:
// https://cloud.tencent.com/document/product/382/59177 and the SDK's errors.go.
var tencentRefused = map[string]bool{
	"FailedOperation.ContainSensitiveWord":                            true,
	"FailedOperation.PhoneNumberInBlacklist":                          true,
	"FailedOperation.PhoneNumberParseFail":                            true,
	"InvalidParameter.DirtyWordFound":                                 true,
	"InvalidParameterValue.ContentLengthLimit":                        true,
	"InvalidParameterValue.IncorrectPhoneNumber":                      true,
	"InvalidParameterValue.ProhibitedUseUrlInTemplateParameter":       true,
	"MissingParameter.EmptyPhoneNumberSet":                            true,
	"LimitExceeded.PhoneNumberCountLimit":                             true,
	"UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone":       true,
	"UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber": true,
	"UnsupportedOperation.GlobalTemplateToChineseMainlandPhone":       true,
	"UnsupportedOperation.UnsupportedRegion":                          true,
	"UnsupportedOperation.UnsuportedRegion":                           true, // as an older release of theirs writes it
	"InvalidParameterValue.MarketingTemplateWithoutUnsubscribe":       true,
	"FailedOperation.MarketingSendTimeConstraint":                     true,
	"UnauthorizedOperation.IndividualUserMarketingSmsPermissionDeny":  true,
	"LimitExceeded.AppCountryOrRegionInBlacklist":                     true,
}

// tencentUnknown are its codes for a message that it may have passed on all the same.
var tencentUnknown = map[string]bool{
	"InternalError":                          true,
	"InternalError.Timeout":                  true,
	"InternalError.SendAndRecvFail":          true,
	"InternalError.UnknownError":             true,
	"InternalError.OtherError":               true,
	"InternalError.ParseBackendResponseFail": true,
}

// tencentPauses are the codes that pass with time. Everything else that the vendor refuses in words (no such signature,
// template or application, variables longer than this account may send, no money, a wrong key) is for an operator to mend,
// and a vendor beside it may carry the message meanwhile.
var tencentPauses = map[string]time.Duration{
	"LimitExceeded.PhoneNumberThirtySecondLimit":     30 * time.Second,
	"LimitExceeded.PhoneNumberOneHourLimit":          10 * time.Minute,
	"LimitExceeded.PhoneNumberDailyLimit":            time.Hour,
	"LimitExceeded.PhoneNumberSameContentDailyLimit": time.Hour,
	"LimitExceeded.DeliveryFrequencyLimit":           time.Minute,
	"LimitExceeded.AppDailyLimit":                    time.Hour,
	"LimitExceeded.AppMainlandChinaDailyLimit":       time.Hour,
	"LimitExceeded.DailyLimit":                       time.Hour,
	"InternalError.RequestTimeException":             time.Second,
	"AuthFailure.SignatureExpire":                    time.Second,
}

// tencentClassed turns an explicit refusal into what the queue does about it.
func tencentClassed(code string) error {
	e := &notice.SendError{Class: notice.NotAccepted, Code: safeCode(code), After: time.Minute}
	switch pause, passes := tencentPauses[code]; {
	case tencentRefused[code]:
		e.Class, e.After = notice.Refused, 0
	case tencentUnknown[code]:
		e.Class, e.After = notice.FateUnknown, 0
	case passes:
		e.After = pause
	case strings.HasPrefix(code, "RequestLimitExceeded"):
		e.After = 5 * time.Second
	}
	return e
}
