// The platform's own question whether messages may come. It takes three templates at a time, and only right after a tap.
type Said = 'accept' | 'reject' | 'ban' | 'filter'
export interface Answered { template_id: string; answer: Said }

interface WechatAsks { requestSubscribeMessage: (o: { tmplIds: string[]; success: (r: Record<string, string>) => void; fail: () => void }) => void }
interface AlipayAsks { requestSubscribeMessage: (o: { entityIds: string[]; success: (r: { subscribedEntityIds?: string[]; unsubscribedEntityIds?: string[] }) => void; fail: () => void }) => void }
declare const wx: WechatAsks
declare const my: AlipayAsks

export async function askPlatform(templates: string[]): Promise<Answered[]> {
  let answers: Answered[] = []
  const some = templates.slice(0, 3)
  if (!some.length) return answers
  // #ifdef MP-WEIXIN
  answers = await new Promise((done) => wx.requestSubscribeMessage({
    tmplIds: some,
    success: (r) => done(some.filter((id) => r[id]).map((id) => ({ template_id: id, answer: r[id] as Said }))),
    fail: () => done([]),
  }))
  // #endif
  // #ifdef MP-ALIPAY
  answers = await new Promise((done) => my.requestSubscribeMessage({
    entityIds: some,
    success: (r) => done([
      ...(r.subscribedEntityIds ?? []).map((id) => ({ template_id: id, answer: 'accept' as Said })),
      ...(r.unsubscribedEntityIds ?? []).map((id) => ({ template_id: id, answer: 'reject' as Said })),
    ]),
    fail: () => done([]),
  }))
  // #endif
  return answers
}
