// A file of the server's: a browser saves it, a mini-program opens it in the phone's own reader.
import { address, credentials, failed, parse, whole } from '@/api/client'
import { tokenNumber } from '@/api/token'
import { Refusal, readRefusal } from '@/api/refusal'

const patience = 30_000 // ms; a sheet is drawn while one waits

interface Wanted {
  path: string
  names?: Record<string, string>
  query?: Record<string, unknown>
  /** The person acted for. */
  subject?: string
  /** What it is called where it is kept, with its ending. */
  as: string
}

/** openPaper says whether it was saved as a file; elsewhere it is shown. */
export async function openPaper({ path, names = {}, query = {}, subject, as }: Wanted): Promise<boolean> {
  const url = whole(address(path, names, query))
  let saved = false
  // #ifdef H5
  saved = await save(url, as, subject)
  // #endif
  // #ifndef H5
  await read(url, as, subject)
  // #endif
  return saved
}

// #ifdef H5
async function save(url: string, as: string, subject?: string): Promise<boolean> {
  // The browsers inside WeChat and Alipay save nothing that a script holds: they get the address, and the cookie goes along.
  // For whom one acts stands in a header, which an address has not.
  const inside = /MicroMessenger|AlipayClient/i.test(navigator.userAgent)
  if (inside && subject) throw new Refusal(200, 'NOT_SHOWN', '这里打不开家人的文件。请在手机浏览器或电脑上登录后下载,或到社保卡服务网点打印。')
  const since = tokenNumber()
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), patience)
  let answer: Response, file: Blob
  try {
    answer = await fetch(url, { headers: credentials(subject), credentials: 'same-origin', signal: stop.signal })
    file = await answer.blob()
  } catch (e) {
    throw failed({ errMsg: stop.signal.aborted ? 'timeout' : String(e) })
  } finally {
    clearTimeout(timer)
  }
  if (!answer.ok) throw failed({ status: answer.status, data: await new Response(file).text() }, since)
  if (inside) { window.location.assign(url); return false }
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = as
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
  return true
}
// #endif

// #ifndef H5
async function read(url: string, as: string, subject?: string): Promise<void> {
  const got = await new Promise<UniApp.DownloadSuccessData>((answer, refuse) => {
    uni.downloadFile({ url, header: credentials(subject), timeout: patience, success: answer, fail: (e) => refuse(failed(e)) })
  })
  if (got.statusCode && got.statusCode !== 200) throw readRefusal(got.statusCode, await said(got.tempFilePath))
  await new Promise<void>((opened, refuse) => uni.openDocument({
    filePath: got.tempFilePath, fileType: as.split('.').pop() as 'pdf', showMenu: true,
    success: () => opened(),
    fail: () => refuse(new Refusal(200, 'NOT_SHOWN', '手机没能打开这份文件。可以在电脑上登录后下载,或到社保卡服务网点打印。')),
  }))
}

/** said reads the refusal that came in the file's place. */
async function said(path: string): Promise<unknown> {
  return new Promise((answer) => {
    uni.getFileSystemManager().readFile({ filePath: path, encoding: 'utf8', success: (r) => answer(parse(r.data)), fail: () => answer(undefined) })
  })
}
// #endif
