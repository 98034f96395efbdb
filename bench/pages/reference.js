// The listener printed at the end of the reference; only its typing slips are mended.
// name below is the html property of the iframe
const iframeTarget = document.querySelector('iframe[name="target_iframe_adapter"]')

window.addEventListener('message', (e) => {
  try {
    const data = JSON.parse(e.data)
    const type = data.type
    console.log('EventListener: ', JSON.stringify(data))

    if (type === 'CRM_Record_Pop') {
      const recordUrl = data.data.recordUrl
      if (!recordUrl) {
        return
      }
      console.log(`Opening <strong>recordUrl</strong> in iframe <strong>${iframeTarget.getAttribute('name')}</strong>`)

      // changing an iframe target to the record url pop
      iframeTarget.src = recordUrl
    } else if (type === 'New_Chat') {
      console.log(`<strong>Chat started...</strong>`)
    } else if (type === 'End_Chat') {
      console.log(`<strong>Chat ended...</strong>`)
    } else {
      console.log(JSON.stringify(data))
    }
  } catch (e) {
    console.error(e)
  }
})
