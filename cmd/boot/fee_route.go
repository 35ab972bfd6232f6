package boot

import "context"

// warnUnpayable tells the operator that nobody can pay a fee. It is no reason not to start: all else works.
func (a *App) warnUnpayable(ctx context.Context) error {
	payable, err := a.Payments.Payable(ctx)
	if err == nil && !payable {
		a.log.Warn("fees are taken in a way that is not set up (policy fee.route; settings wechat_pay, alipay.seller_id, non_tax): no fee can be paid")
	}
	return err
}
