// A picture is taken or chosen, and sent as it is: the body of the request is the file. What is too large for a slow line is
// made smaller first, where the platform does not do that itself.
import { sendFile, type FileBody, type Schemas } from '@/api/client'
import { Refusal } from '@/api/refusal'

export type Picture = Schemas['TakeUploadOutputBody']
export interface Chosen extends FileBody { shown: string }

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
function typeOf(bytes: ArrayBuffer): string {
  const head = new Uint8Array(bytes.slice(0, 4))
  if (head[0] === 0xff && head[1] === 0xd8) return 'image/jpeg'
  return head[0] === 0x89 && head[1] === 0x50 ? 'image/png' : ''
}

/** sendPicture uploads it once: with the same key it is the same picture. */
export const sendPicture = async (purpose: string, { bytes, type }: Chosen, key: string, subject?: string): Promise<Picture> =>
  (await sendFile('/v1/uploads', { purpose }, { bytes, type }, key, subject)) as Picture

// #ifdef H5
const longest = 2400 // of a side; a photo is kept 358 wide, and a document has to be read
const small = 1_500_000 // bytes that are sent as they are

async function fromBrowser(file: File, shown: string): Promise<Chosen> {
  const bytes = await file.arrayBuffer()
  const type = typeOf(bytes)
  if (type && file.size <= small) return { shown, bytes, type }
  try {
    const image = await createImageBitmap(file)
    const by = Math.min(1, longest / Math.max(image.width, image.height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.round(image.width * by)
    canvas.height = Math.round(image.height * by)
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
    const body = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', 0.92))
    if (body) return { shown, bytes: await body.arrayBuffer(), type: 'image/jpeg' }
  } catch { /* no picture that this browser can read */ }
  if (type) return { shown, bytes, type }
  throw unreadable()
}
// #endif

// #ifndef H5
function fromPhone(shown: string): Promise<Chosen> {
  return new Promise((done, refuse) => {
    uni.getFileSystemManager().readFile({
      filePath: shown,
      success: (r) => {
        const bytes = r.data as ArrayBuffer
        const type = typeOf(bytes)
        if (type) done({ shown, bytes, type })
        else refuse(unreadable())
      },
      fail: () => refuse(unreadable()),
    })
  })
}
// #endif
