/** What a file is for people, by its name. */

/** Kinds that have a picture of their own. */
export type FileKind = 'picture' | 'sound' | 'video' | 'pdf' | 'text' | 'code' | 'archive' | 'sheet' | 'other'

const ENDINGS: Readonly<Record<Exclude<FileKind, 'other'>, string>> = {
  picture: 'jpg jpeg png gif webp avif bmp svg ico tif tiff heic heif raw cr2 nef dng psd',
  sound: 'mp3 m4a aac ogg oga opus flac wav wma aif aiff mid midi',
  video: 'mp4 m4v mov webm mkv avi mpg mpeg ogv wmv 3gp',
  pdf: 'pdf',
  text: 'txt md markdown rtf doc docx odt pages tex log srt',
  code: 'js mjs cjs ts tsx jsx json css html htm xml yml yaml toml ini sh bash py rb go rs c h cc cpp hpp java kt swift php sql lua pl diff patch',
  archive: 'zip tar gz tgz bz2 xz zst 7z rar iso dmg deb rpm jar apk',
  sheet: 'csv tsv xls xlsx ods numbers ppt pptx odp key',
}

const KINDS = new Map<string, FileKind>(
  Object.entries(ENDINGS).flatMap(([kind, endings]) => endings.split(' ').map((ending) => [ending, kind as FileKind] as const)),
)
/** Pictures that every browser of today can shrink. SVG is none: it is a document. */
const SHOWN = new Set(['jpg', 'jpeg', 'png', 'gif', 'webp', 'avif', 'bmp', 'ico'])
/** A picture above that is not loaded to be shown small. */
const THUMBNAIL_BYTES = 30_000_000

/** The kind of a file. */
export function fileKind(name: string): FileKind {
  return KINDS.get(endingOf(name)) ?? 'other'
}

/** True for a picture that can be shown small. */
export function hasThumbnail(name: string, size: number): boolean {
  return size > 0 && size <= THUMBNAIL_BYTES && SHOWN.has(endingOf(name))
}

function endingOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1).toLowerCase()
}
