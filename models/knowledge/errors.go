package knowledge

import "onecard/models"

// ErrArticleNotFound is an article that does not exist, or does not count yet.
var ErrArticleNotFound = models.NewError(models.NotFound, "FAQ_NOT_FOUND", "没有找到这篇解答,可能已经更新。请返回后重新查找,也可到社保卡服务网点咨询,或拨打12333。")

// NothingFound is what a search without an answer says instead (R48).
const NothingFound = "没有找到相关解答。请换个说法再试,也可到社保卡服务网点咨询,或拨打12333。"

// Refusals to those who write articles.
var (
	ErrVersionNotFound = models.NewError(models.NotFound, "ARTICLE_NOT_FOUND", "没有找到这篇文章或这个版本,请返回列表后重新查找;如有疑问请联系12333技术支持。")
	ErrDraftOpen       = models.NewError(models.Conflict, "ARTICLE_DRAFT_OPEN", "这篇文章已有一份草稿没有处理完,请先在那份草稿上修改或撤下它;如有疑问请联系12333技术支持。")
	ErrArticleState    = models.NewError(models.Conflict, "ARTICLE_STATE", "这个版本现在不能这样处理,可能已有人先处理了,请刷新后查看;如有疑问请联系12333技术支持。")
	ErrSecondEditor    = models.NewError(models.Forbidden, "ARTICLE_SECOND_PERSON", "写过这个版本的人不能自己发布,请由另一位知识编辑审核发布;如有疑问请联系12333技术支持。")
	ErrNotYours        = models.NewError(models.Forbidden, "ARTICLE_NOT_YOURS", "这篇文章由其他部门负责,您只能查看。需要修改的,请联系负责部门,或联系12333技术支持。")
	ErrTextRefused     = models.NewError(models.Invalid, "ARTICLE_REFUSED", "文章内容不符合要求,请按提示逐项修改后再保存;如有疑问请联系12333技术支持。")
)
