// A picture is taken or chosen, and sent as it is: the body of the request is the file. What is too large for a slow line is
// made smaller first, where the platform does not do that itself.
import { address, credentials, failed, newKey, parse, whole, type Schemas } from '@/api/client'
import { Refusal, lineDown, readRefusal, slowLine } from '@/api/refusal'

export type Picture = Schemas['TakeUploadOutputBody']
export interface Chosen { shown: string; body: Blob | ArrayBuffer; type: 'image/jpeg' | 'image/png' }

const patience = 60_000 // ms; a picture on a village's line
const unreadable = () => new Refusal(422, 'PICTURE_FORMAT', '这张图片不是JPG或PNG格式,请重新拍照,或换一张图片;也可到社保卡服务网点办理。')

/** choosePicture asks the phone for one picture; null where one changed one's mind. */
export async function choosePicture(camera: boolean): Promise<Chosen | null> {
  const got = await new Promise<UniApp.ChooseImageSuccessCallbackResult | null>((done) => {
    uni.chooseImage({ count: 1, sizeType: ['compressed'], sourceType: camera ? ['camera'] : ['album'], success: done, fail: () => done(null) })
  })
  const path = got?.tempFilePaths[0]
  if (!got || !path) return null
  const shown: string = path
  // #ifdef H5
  return fromBrowser((got.tempFiles as File[])[0]!, shown)
  // #endif
  // #ifndef H5
  return fromPhone(shown)
  // #endif
}

/** typeOf is what the first bytes say; a file's name proves nothing. */
function typeOf(head: Uint8Array): Chosen['type'] | '' {
  if (head[0] === 0xff && head[1] === 0xd8) return 'image/jpeg'
  return head[0] === 0x89 && head[1] === 0x50 ? 'image/png' : ''
}

/** sendPicture uploads it once: with the same key it is the same picture. */
export async function sendPicture(purpose: string, picture: Chosen, key: string, subject?: string): Promise<Picture> {
  const url = whole(address('/v1/uploads', {}, { purpose }))
  const header = { ...credentials(subject), 'Content-Type': picture.type, 'Idempotency-Key': key || newKey() }
  // #ifdef H5
  return byBrowser(url, header, picture.body as Blob)
  // #endif
  // #ifndef H5
  return byPhone(url, header, picture.body as ArrayBuffer)
  // #endif
}

// #ifdef H5
const longest = 2400 // of a side; a photo is kept 358 wide, and a document has to be read
const small = 1_500_000 // bytes that are sent as they are

async function fromBrowser(file: File, shown: string): Promise<Chosen> {
  const type = typeOf(new Uint8Array(await file.slice(0, 4).arrayBuffer()))
  if (type && file.size <= small) return { shown, body: file, type }
  try {
    const image = await createImageBitmap(file)
    const by = Math.min(1, longest / Math.max(image.width, image.height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.round(image.width * by)
    canvas.height = Math.round(image.height * by)
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
    const body = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', 0.92))
    if (body) return { shown, body, type: 'image/jpeg' }
  } catch { /* no picture that this browser can read */ }
  if (type) return { shown, body: file, type }
  throw unreadable()
}

async function byBrowser(url: string, header: Record<string, string>, body: Blob): Promise<Picture> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), patience)
  let status: number, said: unknown
  try {
    const res = await fetch(url, { method: 'POST', headers: header, body, signal: stop.signal })
    status = res.status
    said = parse(await res.text())
  } catch {
    throw stop.signal.aborted ? slowLine() : lineDown()
  } finally { clearTimeout(timer) }
  if (status === 201 && said) return said as Picture
  throw status >= 300 ? failed({ status, data: said ?? '' }) : readRefusal(status, undefined)
}
// #endif

// #ifndef H5
function fromPhone(shown: string): Promise<Chosen> {
  return new Promise((done, refuse) => {
    uni.getFileSystemManager().readFile({
      filePath: shown,
      success: (r) => {
        const body = r.data as ArrayBuffer
        const type = typeOf(new Uint8Array(body))
        if (type) done({ shown, body, type })
        else refuse(unreadable())
      },
      fail: () => refuse(unreadable()),
    })
  })
}

function byPhone(url: string, header: Record<string, string>, body: ArrayBuffer): Promise<Picture> {
  return new Promise((done, refuse) => {
    uni.request({
      url, method: 'POST', header, data: body, timeout: patience, dataType: 'text', responseType: 'text',
      success: (res) => {
        const said = parse(res.data)
        if (res.statusCode === 201 && said) return done(said as Picture)
        return refuse(readRefusal(res.statusCode, said))
      },
      fail: (e) => refuse(failed(e)),
    })
  })
}
// #endif
