/** The editor of a note: ProseMirror over the note's part of the document; loaded when the first note is edited. */
import { baseKeymap, setBlockType, toggleMark, wrapIn } from 'prosemirror-commands'
import { keymap } from 'prosemirror-keymap'
import { Schema } from 'prosemirror-model'
import { marks, nodes } from 'prosemirror-schema-basic'
import { addListNodes, liftListItem, sinkListItem, splitListItem, wrapInList } from 'prosemirror-schema-list'
import { EditorState } from 'prosemirror-state'
import { EditorView } from 'prosemirror-view'
import { useEffect, useRef, type ReactNode } from 'react'
import { redo, undo, yCursorPlugin, ySyncPlugin, yUndoPlugin } from 'y-prosemirror'
import type * as Y from 'yjs'
import { BOARD } from '../../words/board.ts'
import { Carets, caretMark } from './carets.ts'
import { useBoard } from './open-board.ts'
import css from './board.module.css'

// Pictures are cards of their own; a note has none, so that nothing is fetched from where somebody else says.
const { image: _image, ...written } = nodes
const { link: _link, ...marksOfText } = marks
const base = new Schema({ nodes: written, marks: marksOfText })
const schema = new Schema({ nodes: addListNodes(base.spec.nodes, 'paragraph block*', 'block'), marks: marksOfText })

/** Edits the note until Escape or a click elsewhere. */
export function NoteEditor({ body, onDone }: { readonly body: Y.XmlFragment; readonly onDone: () => void }): ReactNode {
  const { connection } = useBoard()
  const place = useRef<HTMLDivElement>(null)
  const done = useRef(onDone)
  useEffect(() => {
    done.current = onDone
  })
  useEffect(() => {
    if (place.current === null) return undefined
    const { strong, em, code } = schema.marks
    const carets = new Carets(connection)
    const { heading, blockquote, bullet_list: bullets, ordered_list: numbers, list_item: item } = schema.nodes
    const state = EditorState.create({
      schema,
      plugins: [
        ySyncPlugin(body),
        yUndoPlugin(),
        yCursorPlugin(carets.awareness, { cursorBuilder: caretMark, selectionBuilder: () => ({ class: 'chosen' }) }),
        keymap({
          'Mod-z': undo,
          'Mod-y': redo,
          'Mod-Shift-z': redo,
          ...(strong && { 'Mod-b': toggleMark(strong) }),
          ...(em && { 'Mod-i': toggleMark(em) }),
          ...(code && { 'Mod-`': toggleMark(code) }),
          ...(heading && { 'Mod-Alt-1': setBlockType(heading, { level: 1 }), 'Mod-Alt-2': setBlockType(heading, { level: 2 }) }),
          ...(blockquote && { 'Mod-Shift-9': wrapIn(blockquote) }),
          ...(bullets && { 'Mod-Shift-8': wrapInList(bullets) }),
          ...(numbers && { 'Mod-Shift-7': wrapInList(numbers) }),
          ...(item && { Enter: splitListItem(item), Tab: sinkListItem(item), 'Shift-Tab': liftListItem(item) }),
          Escape: () => {
            done.current()
            return true
          },
        }),
        keymap(baseKeymap),
      ],
    })
    const view = new EditorView(place.current, {
      state,
      dispatchTransaction(this: EditorView, step) {
        // What waited for its turn may come after the end of the editor.
        if (!this.isDestroyed) this.updateState(this.state.apply(step))
      },
      attributes: { 'aria-label': BOARD.note, role: 'textbox', 'aria-multiline': 'true' },
      handleDOMEvents: {
        blur: () => {
          done.current()
          return false
        },
      },
    })
    view.focus()
    return () => {
      view.destroy()
      carets.close()
    }
  }, [body, connection])
  return <div ref={place} className={`${css['note'] ?? ''} ${css['editing'] ?? ''} nodrag nowheel`} />
}
