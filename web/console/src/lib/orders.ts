// Words of work orders; a code that is new here stays as it is.
import type { Schemas } from '@/api/client'

export type Order = Schemas['WorkOrderReply']
export type OrderDetail = Schemas['WorkOrderDetailOutputBody']

export const orderTypes: Record<Order['type'], string> = {
  urgent: '紧急', advice: '咨询', production: '制卡', subsidy: '补贴', fee: '工本费', complaint: '投诉', low_rating: '差评',
}
export const orderStates: Record<Order['state'], string> = {
  new: '待受理', assigned: '已转派', accepted: '办理中', returned: '已退回热线', done: '已答复,待回访', called_back: '已回访,待办结', closed: '已办结', reopened: '重新打开',
}
const steps: Record<string, string> = {
  open: '建单', add: '补充', assign: '转派', accept: '受理', transfer: '转办', return: '退回补充', answer: '答复', settled: '回访:已解决', not_settled: '回访:未解决', not_reached: '回访:联系不上',
  close: '办结', reopen: '重新打开', settle: '事项已自行解决', extend: '延期', urge: '催办', export: '导出给县区', remind: '超期提醒', escalate: '通报',
}
export const stepWord = (act: string): string => steps[act] ?? act
export const stepBy: Record<string, string> = { citizen: '本人', agent: '工作人员', system: '系统' }
const codes: Record<string, string> = {
  paid: '已发放', will_be_paid: '将发放', not_entitled: '不符合条件', data_corrected: '资料已更正', account_problem: '账户原因', explained: '已说明', withdrawn: '本人撤回', other: '其他',
  needs_proof: '等待证明材料', several_departments: '涉及多个部门', bank_check: '等待银行核实', field_check: '需要实地核实', paying_department: '由发放部门办理', wrong_department: '不属于本部门', completed: '材料已补齐',
}
export const codeWord = (code?: string): string => codes[code ?? ''] ?? ''
export const choices = (...of: string[]): Array<[code: string, word: string]> => of.map((c) => [c, codes[c] ?? c])
export const queueWord = (o: Pick<Order, 'department'>): string => o.department || '12333热线'
