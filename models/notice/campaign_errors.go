package notice

import "onecard/models"

// Refusals to staff who work on campaigns.
var (
	ErrCampaignNotFound = models.NewError(models.NotFound, "CAMPAIGN_NOT_FOUND", "没有找到这次群发,它可能不在您的业务范围内。请刷新列表,或联系12333技术支持。")
	ErrCampaignState    = models.NewError(models.Conflict, "CAMPAIGN_STATE", "这次群发现在不能这样操作,请刷新后按当前状态处理;如有疑问请联系12333技术支持。")
	ErrCampaignUnready  = models.NewError(models.Conflict, "CAMPAIGN_NOT_READY", "接收人还没有选完,或没有符合条件的人。请稍后刷新,或取消后重新起草;如有疑问请联系12333技术支持。")
	ErrCampaignChanged  = models.NewError(models.Conflict, "CAMPAIGN_CHANGED", "接收人数与您看到的不一致,请刷新后按新的人数复核;如有疑问请联系12333技术支持。")
	ErrCampaignLate     = models.NewError(models.Conflict, "CAMPAIGN_TOO_LATE", "提醒中写明的办理期限已到,或轮到发送时已到,不能再发。请取消后按新的期限重新起草;如有疑问请联系12333技术支持。")
	ErrCampaignSecond   = models.NewError(models.Forbidden, "CAMPAIGN_SECOND_PERSON", "群发须由另一位工作人员复核,起草人不能复核自己的群发。请联系同事复核,或联系12333技术支持。")
	ErrCampaignNotOwn   = models.NewError(models.Forbidden, "CAMPAIGN_NOT_DRAFTER", "只有起草人可以添加接收人,请联系起草人,或取消后重新起草;如有疑问请联系12333技术支持。")
)
