document.addEventListener('click',function(e){var b=e.target.closest('button[data-copy]');if(!b)return;
var c=b.parentNode.querySelector('code'),t=c.textContent,done=function(){b.textContent='copied';
setTimeout(function(){b.textContent='copy'},1500)};
if(navigator.clipboard&&navigator.clipboard.writeText){navigator.clipboard.writeText(t).then(done,function(){})}
else{var r=document.createRange();r.selectNodeContents(c);var s=getSelection();s.removeAllRanges();s.addRange(r);
try{document.execCommand('copy');done()}catch(x){}}});
document.querySelectorAll('svg[data-chart]').forEach(function(svg){
var d=JSON.parse(svg.dataset.chart),cursor=svg.querySelector('.cursor'),tip=document.createElement('div');
tip.className='tip';svg.parentNode.appendChild(tip);
svg.addEventListener('mousemove',function(e){var r=svg.getBoundingClientRect(),x=(e.clientX-r.left)*d.width/r.width,
best=0;for(var i=1;i<d.px.length;i++)if(Math.abs(d.px[i]-x)<Math.abs(d.px[best]-x))best=i;
cursor.setAttribute('x1',d.px[best]);cursor.setAttribute('x2',d.px[best]);cursor.style.visibility='visible';
tip.textContent='';var t=document.createElement('table'),put=function(a,b){var w=t.insertRow();
w.insertCell().textContent=a;var c=w.insertCell();c.textContent=b;c.style.textAlign='right'};put(d.at[best],'');
Object.keys(d.lines).forEach(function(n){var v=d.lines[n][best];
put(n,v==null?'\u2013':v.toLocaleString('en',{maximumFractionDigits:v<10?2:1})+' '+d.unit)});
tip.appendChild(t);tip.style.display='block';
var left=d.px[best]*r.width/d.width+12;if(left+tip.offsetWidth>r.width)left-=tip.offsetWidth+24;
tip.style.left=Math.max(0,left)+'px';tip.style.top='26px'});
svg.addEventListener('mouseleave',function(){tip.style.display='none';cursor.style.visibility='hidden'})});
function openTarget(){var t=location.hash.length>1&&document.getElementById(decodeURIComponent(location.hash.slice(1)));
if(t&&t.tagName==='DETAILS')t.open=true}
addEventListener('hashchange',openTarget);openTarget();
