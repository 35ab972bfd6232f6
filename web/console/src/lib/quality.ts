// Words of quality: what a call is scored for, each from 0 to 5.
export const scoreItems = { greeting: '开头用语', verification: '核验', answer: '答复', read_back: '复述', record: '记录' } as const
export type ScoreItem = keyof typeof scoreItems
export const fullMarks = Object.keys(scoreItems).length * 5
export const scoresLine = (scores?: Record<string, number> | null): string => Object.entries(scoreItems).map(([code, word]) => `${word} ${scores?.[code] ?? '-'}`).join(',')
