// Words of articles, and the form of one.
import type { Schemas } from '@/api/client'

export type Version = Schemas['ArticleVersionReply']
export const articleStates: Record<Version['state'], string> = { draft: '草稿', in_review: '等复核', published: '已发布', superseded: '已更新', withdrawn: '已撤下' }
export const audiences: Record<Version['audience'], string> = { public: '对外', internal: '内部' }
export const withdrawReasons = { wrong: '内容不对', out_of_date: '过时', misunderstood: '容易误解', doubled: '重复', not_needed: '不需要' } as const

export interface ArticleForm {
  audience: Version['audience']
  question: string
  answer: string
  keywords: string
  rules: string
  from: string
  to: string
}
const words = (s: string): string[] => s.split(/[\s,,、]+/).filter(Boolean)
/** textOf is a form as the server reads it. */
export const textOf = (f: ArticleForm): Schemas['ArticleText'] => ({
  question: f.question.trim(), answer: f.answer.trim(), keywords: words(f.keywords), rules: words(f.rules), valid_from: f.from, ...(f.to ? { valid_to: f.to } : {}),
})
/** formOf is a version as it is edited; without one, an empty form. */
export const formOf = (v: Version | null, today: string): ArticleForm => ({
  audience: v?.audience ?? 'public', question: v?.question ?? '', answer: v?.answer ?? '', keywords: (v?.keywords ?? []).join(' '), rules: (v?.rules ?? []).join(' '),
  from: v?.valid_from ?? today, to: v?.valid_to ?? '',
})
