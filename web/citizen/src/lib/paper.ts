// A file of the server's: a browser saves it, a mini-program opens it in the phone's own reader.
import { address, credentials, failed, parse, whole } from '@/api/client'
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

export async function openPaper({ path, names = {}, query = {}, subject, as }: Wanted): Promise<void> {
  const url = whole(address(path, names, query))
  // #ifdef H5
  await save(url, as, subject)
  // #endif
  // #ifndef H5
  await read(url, as, subject)
  // #endif
}

// #ifdef H5
async function save(url: string, as: string, subject?: string): Promise<void> {
  // The browsers inside WeChat and Alipay save nothing that a script holds: they get the address, and the cookie goes along.
  if (!subject && /MicroMessenger|AlipayClient/i.test(navigator.userAgent)) return window.location.assign(url)
  let answer: Response
  try {
    answer = await fetch(url, { headers: credentials(subject), credentials: 'same-origin', signal: AbortSignal.timeout(patience) })
  } catch (e) {
    throw failed({ errMsg: String(e) })
  }
  if (!answer.ok) throw readRefusal(answer.status, parse(await answer.text()))
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await answer.blob())
  link.download = as
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
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
