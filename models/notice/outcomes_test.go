package notice

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAReasonIsCountedUnderAFewWords(t *testing.T) {
	t.Parallel()
	for code, class := range map[string]string{
		"": "", "isv.MOBILE_NUMBER_ILLEGAL": "number", "MOBILE_NOT_ON_SERVICE": "number", "MK:0001": "number", "MK:0012": "phone", "UNDELIV": "phone",
		"isv.BUSINESS_LIMIT_CONTROL": "limit", "LimitExceeded.PhoneNumberDailyLimit": "limit", "isv.SMS_TEMPLATE_ILLEGAL": "text",
		"isv.AMOUNT_NOT_ENOUGH": "account", "FailedOperation.InsufficientBalanceInSmsPackage": "account", "not_connected": "reach", "vendor_rests": "reach",
		"stopped_by_holder": "wish", "dead_number": "number", "replaced": "time", "IC:0151": "other",
	} {
		require.Equal(t, class, ReasonClass(code), code)
	}
}
