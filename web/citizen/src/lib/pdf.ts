// A sheet of the server is opened where it can be kept and printed: a browser's own window, or the app's reader.
import { credentials, failed, whole } from '@/api/client'
import { Refusal, lineDown, readRefusal } from '@/api/refusal'

/** openPDF throws a Refusal as every request does. name is what it is saved as. */
export async function openPDF(path: string, name: string, subject?: string): Promise<void> {
  // #ifdef H5
  return openHere(path, name, subject)
  // #endif
  // #ifndef H5
  return openInReader(path, subject)
  // #endif
}

// #ifdef H5
// The window is opened by the tap itself: one that comes after the answer is held back. Where there is none, it is saved.
async function openHere(path: string, name: string, subject?: string): Promise<void> {
  const tab = window.open('', '_blank')
  let res: Response
  try {
    res = await fetch(whole(path), { headers: { ...credentials(subject), Accept: 'application/pdf, application/problem+json' } })
    if (!res.ok) throw failed({ status: res.status, data: await res.text() })
  } catch (e) {
    tab?.close()
    throw e instanceof Refusal ? e : lineDown()
  }
  const url = URL.createObjectURL(await res.blob())
  if (tab) tab.location.href = url
  else Object.assign(document.createElement('a'), { href: url, download: `${name}.pdf` }).click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
// #endif

// #ifndef H5
function openInReader(path: string, subject?: string): Promise<void> {
  return new Promise((opened, refuse) => {
    uni.downloadFile({
      url: whole(path), header: credentials(subject),
      success: (r) => {
        const status = r.statusCode ?? 200 // Alipay tells none where it went well
        if (status !== 200) return refuse(readRefusal(status, undefined))
        const filePath = r.tempFilePath || (r as unknown as { apFilePath: string }).apFilePath
        uni.openDocument({ filePath, fileType: 'pdf', showMenu: true, success: () => opened(), fail: (e) => refuse(failed(e)) })
      },
      fail: (e) => refuse(failed(e)),
    })
  })
}
// #endif
