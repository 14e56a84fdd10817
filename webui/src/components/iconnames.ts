// The names of the drawings in styles/icons.svg; a test compares.
export type IconName =
  | 'alert' | 'arrow' | 'ban' | 'bell' | 'cal' | 'camera' | 'chat' | 'check' | 'clock' | 'code' | 'compare'
  | 'conflict' | 'copy' | 'cut' | 'disk' | 'down' | 'download' | 'drive' | 'edit' | 'eye' | 'face' | 'filter'
  | 'folder' | 'gauge' | 'gear' | 'globe' | 'grid' | 'help' | 'history' | 'hold' | 'info' | 'inherit' | 'key'
  | 'left' | 'link' | 'list' | 'lock' | 'log' | 'mail' | 'menu' | 'merge' | 'minus' | 'more' | 'move' | 'off'
  | 'office' | 'okc' | 'out' | 'out2' | 'panel' | 'pause' | 'phone' | 'play' | 'plug' | 'plus' | 'retry'
  | 'right' | 'scan' | 'screen' | 'search' | 'server' | 'shield' | 'signout' | 'spark' | 'star' | 'sync'
  | 'tag' | 'text' | 'theme' | 'trash' | 'undo' | 'up' | 'upload' | 'user' | 'useradd' | 'users' | 'x';

/** The families of files, each with its own drawing and colour. */
export type Family =
  | 'audio' | 'code' | 'doc' | 'drawing' | 'file' | 'folder' | 'image' | 'pdf' | 'sheet' | 'slide' | 'text'
  | 'video' | 'zip';
