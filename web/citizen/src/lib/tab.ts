// What is kept for this visit only: where to go back to, which check is under way. In a browser it is the tab's own storage.
const memory: Record<string, string> = {}

export function remember(name: string, value: string): void {
  memory[name] = value
  // #ifdef H5
  window.sessionStorage.setItem(name, value)
  // #endif
}

export function recall(name: string): string {
  let value = memory[name] ?? ''
  // #ifdef H5
  value = window.sessionStorage.getItem(name) ?? ''
  // #endif
  return value
}

export function takeBack(name: string): string {
  const value = recall(name)
  delete memory[name]
  // #ifdef H5
  window.sessionStorage.removeItem(name)
  // #endif
  return value
}
