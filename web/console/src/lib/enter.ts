// What every way in does with the session that it opened.
import type { ReplyOf } from '@/api/client'
import type { paths } from '@/api/schema'
import { draftsOf } from './drafts'
import { say } from './say'
import { loggedIn } from './session'

export function enter(reply: ReplyOf<paths['/agent/v1/sessions']['post']>): void {
  const kept = draftsOf(reply.staff.login)
  loggedIn(reply)
  say(kept ? '已登录,上次没有填完的内容还在。' : '已登录。')
}
