package hotline

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

// calendar knows the days off and the weekends worked of 2021 that the test is about (国办发明电〔2020〕27号).
type calendar struct{}

func (calendar) Workday(_ context.Context, day models.Date) (bool, error) {
	off := map[models.Date]bool{}
	for _, span := range [][2]models.Date{{"2021-04-03", "2021-04-05"}, {"2021-09-19", "2021-09-21"}, {"2021-10-01", "2021-10-07"}} {
		for d := span[0].Start(); !d.After(span[1].Start()); d = d.AddDate(0, 0, 1) {
			off[models.DateOf(d)] = true
		}
	}
	if day == "2021-09-18" || day == "2021-09-26" || day == "2021-10-09" {
		return true, nil
	}
	weekday := day.Start().In(models.Shanghai).Weekday()
	return !off[day] && weekday != time.Saturday && weekday != time.Sunday, nil
}

// TestR65_AnAdviceOrderIsDueOnTheThirdWorkingDay: opened on a Thursday before a long weekend, counted from the next day on.
func TestR65_AnAdviceOrderIsDueOnTheThirdWorkingDay(t *testing.T) {
	t.Parallel()
	for opened, due := range map[string]string{
		"2021-04-01T10:00:00+08:00": "2021-04-07T23:59:59.999999+08:00", // 清明, three days: Friday, Tuesday, Wednesday
		"2021-09-16T23:59:59+08:00": "2021-09-22T23:59:59.999999+08:00", // 中秋: Friday, the Saturday worked, Wednesday
		"2021-09-30T00:00:00+08:00": "2021-10-11T23:59:59.999999+08:00", // 国庆: Friday, the Saturday worked, Monday
		"2021-10-02T12:00:00+08:00": "2021-10-11T23:59:59.999999+08:00", // opened on a holiday
	} {
		at, err := time.Parse(time.RFC3339Nano, opened)
		require.NoError(t, err)
		got, err := dueAfter(t.Context(), calendar{}, at, 3)
		require.NoError(t, err)
		require.Equal(t, due, got.In(models.Shanghai).Format("2006-01-02T15:04:05.000000-07:00"), opened)
	}
}

func TestR65_UrgentIsDueTheSameDayHolidayOrNot(t *testing.T) {
	t.Parallel()
	at := time.Date(2021, 10, 3, 15, 0, 0, 0, time.UTC) // 23:00 in Shanghai
	got, err := dueAfter(t.Context(), calendar{}, at, 0)
	require.NoError(t, err)
	require.Equal(t, time.Date(2021, 10, 3, 15, 59, 59, 999999000, time.UTC), got)
}

// neverWorks is a calendar with a slip of the pen.
type neverWorks struct{}

func (neverWorks) Workday(context.Context, models.Date) (bool, error) { return false, nil }

func TestTheClockEndsInACalendarWithoutWorkingDays(t *testing.T) {
	t.Parallel()
	got, err := dueAfter(t.Context(), neverWorks{}, time.Date(2021, 10, 3, 0, 0, 0, 0, time.UTC), 3)
	require.NoError(t, err)
	require.False(t, got.IsZero())
}

func TestTheFlowOfAWorkOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from OrderState
		on   OrderEvent
		to   OrderState
	}{
		{OrderNew, OrderAssign, OrderAssigned}, {OrderAssigned, OrderAccept, OrderAccepted}, {OrderAccepted, OrderReturn, OrderReturned},
		{OrderReturned, OrderTransfer, OrderNew}, {OrderAccepted, OrderAnswer, OrderDone}, {OrderDone, OrderMissed, OrderDone},
		{OrderDone, OrderUnsettle, OrderReopened}, {OrderDone, OrderSettled, OrderCalledBack}, {OrderCalledBack, OrderClose, OrderClosed},
		{OrderClosed, OrderReopen, OrderReopened}, {OrderReopened, OrderAccept, OrderAccepted}, {OrderNew, OrderSettle, OrderClosed},
	} {
		to, err := OrderFlow.Next(c.from, c.on)
		require.NoError(t, err)
		require.Equal(t, c.to, to)
	}
	for _, c := range [][2]string{{"new", "close"}, {"accepted", "accept"}, {"closed", "answer"}, {"closed", "settle"}, {"done", "transfer"}, {"returned", "return"}} {
		_, err := OrderFlow.Next(OrderState(c[0]), OrderEvent(c[1]))
		require.Error(t, err, c)
	}
}

func TestATextWithANumberOfAPersonIsFound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]bool{
		"证件410303198001010015":        {true, false},
		"证件 410303 1980 0101 001X 请核": {true, false},
		"账号6217-0000-1234-5678-901":   {true, false},
		"１３８００００１２３４":                 {false, true},
		"请打138 0000 1234":             {false, true},
		"请打+8613800001234":            {false, true},
		"编号20211220-00000042-7":       {true, false}, // the check digit is wrong: it is no number of ours
		"请打0379-63900000或12333":       {false, false},
		"2021-12-20发放800.00元":         {false, false},
	} {
		id, mobile := numbersIn(text)
		require.Equal(t, want, [2]bool{id, mobile}, text)
	}
	own := models.ReceiptNumber(time.Date(2021, 12, 20, 4, 0, 0, 0, time.UTC), 42)
	id, mobile := numbersIn("编号" + own + "已受理")
	require.False(t, id || mobile)
	_, wrong := checkedText("answer", "见 http://a.cn,或打13800001234,证件410303198001010015", 2, 500, true)
	require.Len(t, wrong, 3, "all at once")
}
