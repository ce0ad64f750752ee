// 简体中文。

export default {
  skip: "跳到章节列表", player: "播放器", transport: "播放控制", panels: "面板", close: "关闭", cancel: "取消", more: "更多",
  saved: "已保存", away: "未连接", saving: "正在保存…", failed: "未保存", retry: "重试",
  undo: "撤销", redo: "重做", publish: "发布", pasteList: "粘贴章节列表", restore: "恢复最初的草稿", allKeys: "键盘快捷键",
  theme: "主题", themeAuto: "跟随系统", themeLight: "浅色", themeDark: "深色",

  play: "播放", pause: "暂停", back5: "后退 5 秒", ahead5: "前进 5 秒", frameBack: "上一帧", frameOn: "下一帧",
  previousChapter: "上一章", nextChapter: "下一章", speed: "速度", slower: "减速", faster: "加速", normalSpeed: "正常速度",
  mute: "静音", unmute: "取消静音", fullScreen: "全屏",
  preparing: "正在准备视频", preparingWhy: "浏览器无法直接播放此文件，正在为本页生成副本；其间可以照常编辑。",
  mediaFailed: "无法显示视频", noMedia: "没有可播放的内容", noMediaWhy: "此文件没有视频或音频，但仍可编辑章节。",
  audioOnly: "仅有音频",

  timeline: "时间线", loudness: "响度", topicCurve: "话题变化", slideChange: "幻灯片切换", zoomIn: "放大", zoomOut: "缩小", zoomFit: "显示全部",
  scrollTimeline: "滚动时间线", peaksPreparing: "正在读取音频…", boundary: (n) => `第 ${n} 章的起点`, sliderText: (time, title) => `${time}，${title}`,
  snapSentence: "句首", snapPause: "停顿结束", snapSlide: "幻灯片切换",

  chapters: "章节", details: "详情", transcript: "文字稿", add: "添加", addHere: "在播放位置添加章节",
  howMany: "章节数量", comparison: "现有章节与新方案", notes: "说明", coarse: "粗略", normal: "适中", fine: "细致", few: "少", many: "多", likely: (low, high) => `可能为 ${low} 到 ${high} 章`, apply: "应用",
  nChapters: (n) => `${n} 章`,
  compareWhat: (now, next, fresh, gone, locked) => `现有 ${now} 章，新方案 ${next} 章：新增 ${fresh}，移除 ${gone}${locked ? `；${locked} 个已锁定的保持不变` : ""}`,
  kept: "保留", gone: "移除", fresh: "新增", newBoundary: "新章节", newChapter: "新章节", hasProblem: "不符合平台规则", isLockedShort: "已锁定", confidenceIs: (n) => `置信度 ${n}%`,

  chapterOf: (n, all) => `第 ${n} 章，共 ${all} 章`, chapterN: (n) => `第 ${n} 章`, is_added: "已添加", is_moved: "已移动", is_retitled: "已改标题",
  title: "标题", startsAt: "起点", minus1: "−1 秒", plus1: "+1 秒", earlier1: "提前 1 秒", later1: "推后 1 秒", earlier01: "提前 0.1 秒", later01: "推后 0.1 秒", suggestions: "建议标题", changeChapter: "修改本章",
  around: "试听起点", aroundLong: "从起点前 2 秒播放到后 2 秒", lock: "锁定", lockLong: "锁定此起点，使其不被移动或移除",
  moveHere: "移到此处", moveHereLong: "将起点移到播放位置", split: "拆分", splitLong: "在播放位置拆分", merge: "合并", mergeLong: "与上一章合并",
  shift: "平移其后", shiftLong: "平移此起点及其后所有起点", delete: "删除", deleteLong: "删除本章，其时间归相邻章节",
  why: "分章依据", said: "上下文", confidence: "置信度", topicChange: "话题变化", cueWords: "提示语", slide: "新幻灯片", slideAt: (heading, time) => `“${heading}”，${time}`, slideOf: (heading) => heading ? `幻灯片：${heading}` : "幻灯片", marker: "你的标记", wordsGone: "不再出现的词", wordsNew: "开始出现的词",
  seconds: (n) => `${n} 秒`, quoted: (list) => list.map((words) => `“${words}”`).join("、"), whyFirst: "第一章从视频开头开始。", whyNothing: "此处未发现话题变化的迹象。",
  noWords: "没有文字", noWordsLong: "此文件没有字幕，也没有识别出语音。仍可边听边看来设置章节。", follow: "跟随播放",

  isLocked: "此起点已锁定，解锁后才能移动或删除。", tooClose: "此处已有章节起点。", merged: (title) => `“${title}”已与相邻章节合并。`,
  otherTab: "已在另一个标签页中更改。", noAnswer: "程序没有响应。它还在终端中运行吗？", otherRun: "此页面属于程序之前的一次运行。请打开新的网址。", back: "已重新连接。", restored: "已恢复最初的草稿。", listUsed: "已采用粘贴的列表。",

  conflict: "已在另一个标签页中更改", conflictLong: "本页加载后，这些章节在别处被修改过。要保留哪一份？另一份可通过撤销找回。",
  theirs: "别处的更改", mine: "此处的更改", takeTheirs: "采用别处的", keepMine: "保留此处的",
  pasteLong: "每行一章，例如“1:23 标题”。也可读取其他章节格式。", pasteRead: (n, last) => `${n} 章，最后一章始于 ${last}。`, useList: "采用此列表",
  shiftBy: "秒数（负数为提前）", shiftWhat: (n, locked) => `将移动 ${n} 个起点${locked ? `；${locked} 个已锁定的保持不变` : ""}。`, shiftBreaks: "这样会打乱起点的顺序。", shiftApply: "平移",

  copyList: "复制列表", platform: "平台", copy: "复制", listText: "要复制的列表", readyFor: (name) => `符合 ${name} 的要求`, corrects: (n, name) => `为 ${name} 修正 ${n} 处`, refuses: (name) => `${name} 不接受此列表`,
  corrected: "为使平台接受，上面的列表已修正：", copied: (name) => `已为 ${name} 复制。`,
  saveFile: "保存章节文件", format: "格式", nextToVideo: "保存到视频旁边", download: "下载",
  makeVideo: "生成视频", embed: "嵌入章节", embedLong: "含章节标记的副本，不重新编码", render: "渲染标题", renderLong: "在画面中显示标题的副本",
  splitFiles: "拆分文件", splitFilesLong: "每章一个文件", send: "发送", sendLong: "发送到远程会话；会先显示要发送的内容",
  tasks: "任务", fileExists: "文件已存在", replace: "替换",
  ask_send: "是否发送？", agree_send: "发送", ask_plan: "服务未完成全部要求", agree_plan: "仍要渲染", ask_pay_again: "此项已付过费", agree_pay_again: "重做并再次付费",
  stage_waiting: "等待中", stage_cancelling: "正在取消…", state_running: "进行中", state_done: "完成", state_failed: "失败", state_cancelled: "已取消", state_asking: "等待确认",

  keyEdit: "编辑标题；再按一次：下一个标题", keyAlt: "拖动时：不吸附", keyEscape: "取消",

  noToken: "请使用完整的网址", noTokenLong: "请打开“chapterize review”在终端中显示的网址，其末尾带有本次运行的令牌。",
};
