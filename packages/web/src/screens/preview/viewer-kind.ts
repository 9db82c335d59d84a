/** How a file is shown, by its name. */
import { fileKind } from '../folder/file-kind.ts'

/** The ways in which files are shown. */
export type ViewerKind = 'picture' | 'sound' | 'video' | 'pdf' | 'markdown' | 'html' | 'code' | 'text' | 'other'

/** Names of languages for the endings that are not names of languages themselves. */
const LANGUAGES: Readonly<Record<string, string>> = {
  mjs: 'javascript',
  cjs: 'javascript',
  js: 'javascript',
  jsx: 'javascript',
  ts: 'typescript',
  tsx: 'typescript',
  mts: 'typescript',
  cts: 'typescript',
  htm: 'xml',
  html: 'xml',
  svg: 'xml',
  yml: 'yaml',
  toml: 'ini',
  py: 'python',
  rb: 'ruby',
  rs: 'rust',
  h: 'c',
  cc: 'cpp',
  hpp: 'cpp',
  kt: 'kotlin',
  sh: 'bash',
  patch: 'diff',
  pl: 'perl',
  cs: 'csharp',
  md: 'markdown',
}
const MARKDOWN = new Set(['md', 'markdown'])
const HTML = new Set(['html', 'htm', 'xhtml'])
/** Endings whose kind, for the list, is text or a table, and whose bytes are no text. */
const NOT_TEXT = new Set(['rtf', 'doc', 'docx', 'odt', 'pages', 'xls', 'xlsx', 'ods', 'numbers', 'ppt', 'pptx', 'odp', 'key'])
/** Plain texts that the list has no icon of their own for. */
const PLAIN = new Set(['csv', 'tsv', 'conf', 'cfg', 'env', 'ics', 'vcf', 'vtt', 'rst', 'adoc', 'text', 'nfo', 'properties', 'gitignore'])
const PLAIN_NAMES = new Set(['readme', 'license', 'copying', 'changelog', 'makefile', 'dockerfile', 'authors', 'notice', 'todo'])
/** Pictures that no browser shows. */
const UNSEEN = new Set(['tif', 'tiff', 'heic', 'heif', 'raw', 'cr2', 'nef', 'dng', 'psd'])

/** How a file of that name is shown. */
export function viewerKind(name: string): ViewerKind {
  const ending = endingOf(name)
  if (MARKDOWN.has(ending)) return 'markdown'
  if (HTML.has(ending)) return 'html'
  if (PLAIN.has(ending) || PLAIN_NAMES.has(name.toLowerCase())) return 'text'
  if (NOT_TEXT.has(ending) || UNSEEN.has(ending)) return 'other'
  const kind = fileKind(name)
  return kind === 'archive' || kind === 'sheet' ? 'other' : kind
}

/** The language of a file of code, as highlight.js calls it. */
export function languageOf(name: string): string {
  const ending = endingOf(name)
  return LANGUAGES[ending] ?? ending
}

/** What follows the last dot, in small letters; '' without one. */
function endingOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot === -1 ? '' : name.slice(dot + 1).toLowerCase()
}
