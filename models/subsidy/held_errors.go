package subsidy

import "onecard/models"

// Refusals to reviewers of what is held.
var (
	ErrHeldNotFound    = models.NewError(models.NotFound, "HELD_NOT_FOUND", "没有找到这条暂缓发布的记录,它可能已不在您的业务范围内。请刷新列表,或联系12333技术支持。")
	ErrHeldSettled     = models.NewError(models.Conflict, "HELD_SETTLED", "这条记录已经处理完毕或已由数据来源更正,不需要再处理。请刷新列表;如有疑问请联系12333技术支持。")
	ErrHeldProposed    = models.NewError(models.Conflict, "HELD_PROPOSED", "已有人提出处理意见,请由另一位复核员复核,或由提出人撤回后重新提出;如有疑问请联系12333技术支持。")
	ErrHeldChanged     = models.NewError(models.Conflict, "HELD_CHANGED", "数据来源更新了这条记录,请刷新后按新的内容复核;意见若是按旧的内容提出的,请选择不同意,再重新提出;如有疑问请联系12333技术支持。")
	ErrNothingProposed = models.NewError(models.Conflict, "NOTHING_PROPOSED", "还没有人提出处理意见,请先提出,再由另一位复核员复核;如有疑问请联系12333技术支持。")
	ErrSamePerson      = models.NewError(models.Forbidden, "SECOND_PERSON_REQUIRED", "处理意见须由另一位复核员复核,提出人不能复核自己的意见。请联系同事复核,或联系12333技术支持。")
	ErrNotProposer     = models.NewError(models.Forbidden, "NOT_THE_PROPOSER", "只有提出人可以撤回处理意见;不同意的,请在复核时选择不同意,或联系12333技术支持。")
	ErrDecisionUnfit   = models.NewError(models.Invalid, "DECISION_NOT_ALLOWED", "这个暂缓原因不能这样处理,请按列出的理由选择,或等待数据来源更正;如有疑问请联系12333技术支持。")
	ErrReviewerUnknown = models.NewError(models.Invalid, "REVIEWER_UNKNOWN", "不能分派给这位工作人员:没有复核岗位,或不在其业务范围内。请另选一位,或联系12333技术支持。")
)
