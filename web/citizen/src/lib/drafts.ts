// Words that were typed and not sent yet. Never a name, a number or a phone: a phone may be somebody else's tomorrow.
const prefix = 'draft.'

export const readDraft = (name: string): string => String(uni.getStorageSync(prefix + name) || '')

export function keepDraft(name: string, text: string): void {
  if (text) uni.setStorageSync(prefix + name, text.slice(0, 4000))
  else uni.removeStorageSync(prefix + name)
}

export function forgetDrafts(): void {
  for (const name of uni.getStorageInfoSync().keys) if (name.startsWith(prefix)) uni.removeStorageSync(name)
}
