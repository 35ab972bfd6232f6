// The door one came by, as the server names it where a page asks what that door does.
import { session } from './session'

const channels = ['wechat_mini', 'wechat_oa', 'alipay_mini', 'alipay_life'] as const
export type Channel = (typeof channels)[number]

/** channelNow is undefined for a session without a platform of its own. */
export const channelNow = (): Channel | undefined => channels.find((c) => c === session.me?.platform)
