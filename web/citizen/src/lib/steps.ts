// Where the one next step is done. What is done at a window leads to its papers and places.
import type { Schemas } from '@/api/client'

type Step = Schemas['NextStepReply']['code']
export interface Onward { label: string; page: string }

const onward: Partial<Record<Step, Onward>> = {
  apply: { label: '去申领', page: 'apply' },
  correct_application: { label: '去补正', page: 'applications' },
  wait_for_card: { label: '看办卡进度', page: 'applications' },
  pay_replacement: { label: '去支付或撤回', page: 'replacements' },
  correct_replacement: { label: '去补正', page: 'replacements' },
  await_loss: { label: '看挂失到哪一步了', page: 'card' },
  await_release: { label: '看解挂到哪一步了', page: 'card' },
  after_loss: { label: '去解挂或补卡', page: 'card' },
}

export const pageOfStep = (code: Step): Onward | null => onward[code] ?? null
