/** Words of the parts that every screen is made of. */
export const KIT = {
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  undo: 'Undo',
  copy: 'Copy',
  copied: 'Copied',
  defect: 'This page met a defect of ours. Reload it, and please report what you did.',
} as const
