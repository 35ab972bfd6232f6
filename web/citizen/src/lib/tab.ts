// What is kept for this visit only: where to go back to, which check is under way. In a browser it is the tab's own storage.
const memory: Record<string, string> = {}
const prefix = 'visit.'

export function remember(name: string, value: string): void {
  memory[name] = value
  // #ifdef H5
  window.sessionStorage.setItem(prefix + name, value)
  // #endif
}

export function recall(name: string): string {
  let value = memory[name] ?? ''
  // #ifdef H5
  value = window.sessionStorage.getItem(prefix + name) ?? ''
  // #endif
  return value
}

/** forgetVisit leaves nothing of this visit. */
export function forgetVisit(): void {
  for (const name of Object.keys(memory)) delete memory[name]
  // #ifdef H5
  for (const name of Object.keys(window.sessionStorage)) if (name.startsWith(prefix)) window.sessionStorage.removeItem(name)
  // #endif
}

export function takeBack(name: string): string {
  const value = recall(name)
  delete memory[name]
  // #ifdef H5
  window.sessionStorage.removeItem(prefix + name)
  // #endif
  return value
}
